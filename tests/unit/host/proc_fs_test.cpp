#include "host/proc_fs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "allocations.h"
#include "catch.h"
#include "temp_root.h"

namespace sorrel::host {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kEnviron = "PATH=/bin\0LD_PRELOAD=/tmp/evil.so\0HOME=/root\0"sv;

// A host with the process 300 in full, which runs /bin/tool.
struct FakeHost : TempRoot {
  FakeHost() {
    write("/proc/stat", "cpu 1 2 3\nbtime 1700000000\n");
    write("/proc/300/stat", stat_text(300, "to) (ol\n", 'S', 7, 0x400000, 250));
    link("/proc/300/exe", "/bin/tool");
    write("/bin/tool", "12345");
    write("/proc/300/cgroup", "0::/system.slice/tool.service\n");
    link("/proc/300/ns/pid", "pid:[4026531836]");
    link("/proc/300/ns/mnt", "mnt:[4026531841]");
    write("/proc/300/status", "Name:\ttool\nNSpid:\t300\t5\n");
    write("/proc/300/environ", kEnviron);
    write("/proc/300/loginuid", "1000");
    write("/proc/300/sessionid", "4294967295");
    link("/proc/300/cwd", "/srv/data");
  }

  ProcFs open(const std::vector<std::string>& environment = {"LD_*"}) const {
    Result<ProcFs> proc = ProcFs::open(path, EnvironmentSelection(environment), 100);
    SORREL_CHECK(proc.has_value(), proc.error().to_string().c_str());
    return std::move(*proc);
  }
};

TEST_CASE("all that proc has on a process is read", "[host]") {
  const FakeHost host;
  ProcFs proc = host.open();
  ProcFacts facts;
  REQUIRE(proc.read(300, part::kAll, facts) == ProcRead::complete);
  CHECK(facts.known == part::kAll);
  CHECK(facts.pid == 300);
  CHECK(facts.ppid == 7);
  CHECK(facts.state == 'S');
  CHECK(facts.session == 200);
  CHECK(facts.comm() == "to) (ol\n");
  CHECK(facts.start_ticks == 250);
  CHECK(facts.start_ns == 1'700'000'002'500'000'000);
  CHECK(facts.exe == "/bin/tool");
  CHECK_FALSE(facts.exe_deleted);
  CHECK(facts.cgroup.unit == "tool.service");
  CHECK(facts.pid_namespace == 4026531836);
  CHECK(facts.mount_namespace == 4026531841);
  CHECK(facts.namespace_pid == 5);
  REQUIRE(facts.environment.variables().size() == 1);
  CHECK(facts.environment.variables()[0].value == "/tmp/evil.so");
  CHECK_FALSE(facts.environment_cut);
  CHECK(facts.login_uid == 1000);
  CHECK(facts.session_id == ProcFacts::kUnset);
  CHECK(facts.cwd == "/srv/data");
}

TEST_CASE("the link to the executable is followed within the root", "[host]") {
  const FakeHost host;
  ProcFs proc = host.open();
  ProcFacts facts;
  REQUIRE(proc.read(300, part::kExe | part::kExeFile, facts) == ProcRead::complete);
  struct stat status {};
  REQUIRE(::stat((host.path + "/bin/tool").c_str(), &status) == 0);
  CHECK(facts.exe_file == file_id(status));
  CHECK(facts.exe_file.size == 5);
  CHECK_FALSE(proc.open_executable(300, 250));  // a link that is only a link proves nothing
}

TEST_CASE("only what was asked for is read", "[host]") {
  const FakeHost host;
  ProcFs proc = host.open();
  ProcFacts facts;
  REQUIRE(proc.read(300, part::kAll, facts) == ProcRead::complete);
  REQUIRE(proc.read(300, part::kCgroup, facts) == ProcRead::complete);
  CHECK(facts.known == (part::kStat | part::kCgroup));
  CHECK(facts.exe.empty());
  CHECK(facts.environment.variables().empty());
  CHECK(facts.login_uid == ProcFacts::kUnset);
}

TEST_CASE("what cannot be read is unknown, and the rest is known", "[host]") {
  struct Row {
    const char* file;
    std::uint32_t lost;
  };
  const Row row = GENERATE(values<Row>({
      {"/proc/300/exe", part::kExe | part::kExeFile},
      {"/bin/tool", part::kExeFile},
      {"/proc/300/cgroup", part::kCgroup},
      {"/proc/300/ns/mnt", part::kMountNamespace},
      {"/proc/300/ns/pid", part::kNamespaces},
      {"/proc/300/status", part::kNamespacePid},
      {"/proc/300/environ", part::kEnvironment},
      {"/proc/300/loginuid", part::kLogin},
      {"/proc/300/sessionid", part::kLogin},
      {"/proc/300/cwd", part::kCwd},
  }));
  CAPTURE(row.file);
  const FakeHost host;
  REQUIRE(::unlink((host.path + row.file).c_str()) == 0);
  ProcFs proc = host.open();
  ProcFacts facts;
  CHECK(proc.read(300, part::kAll, facts) == ProcRead::complete);
  CHECK(facts.known == (part::kAll & ~row.lost));
}

TEST_CASE("an environment without a match is told from one that cannot be read", "[host]") {
  const FakeHost host;
  ProcFs proc = host.open({"NOT_THERE"});
  ProcFacts facts;
  REQUIRE(proc.read(300, part::kEnvironment, facts) == ProcRead::complete);
  CHECK(facts.knows(part::kEnvironment));
  CHECK(facts.environment.variables().empty());
  host.write("/proc/300/environ", "");
  REQUIRE(proc.read(300, part::kEnvironment, facts) == ProcRead::complete);
  CHECK(facts.knows(part::kEnvironment));  // env -i
  SECTION("a zombie has lost it") {
    host.write("/proc/300/stat", stat_text(300, "tool", 'Z', 7, 0, 250));
  }
  SECTION("a process that is exiting may have lost it") {
    host.write("/proc/300/stat", stat_text(300, "tool", 'R', 7, ProcStat::kExiting, 250));
  }
  SECTION("a kernel thread has none") {
    host.write("/proc/300/stat", stat_text(300, "kworker", 'S', 2, ProcStat::kKernelThread, 250));
  }
  REQUIRE(proc.read(300, part::kEnvironment, facts) == ProcRead::complete);
  CHECK_FALSE(facts.knows(part::kEnvironment));
}

TEST_CASE("an environment is read to its limit, and the cut is told", "[host]") {
  const FakeHost host;
  ProcFs proc = host.open({"LAST"});
  ProcFacts facts;
  std::string bytes = "FILL=" + std::string(ProcFs::kMaxEnvironBytes - 14, 'x');
  bytes += "\0LAST=1\0"sv;
  REQUIRE(bytes.size() == ProcFs::kMaxEnvironBytes - 1);
  host.write("/proc/300/environ", bytes);
  REQUIRE(proc.read(300, part::kEnvironment, facts) == ProcRead::complete);
  CHECK(facts.environment.variables().size() == 1);
  CHECK_FALSE(facts.environment_cut);
  host.write("/proc/300/environ", "FILL=xx" + bytes);
  REQUIRE(proc.read(300, part::kEnvironment, facts) == ProcRead::complete);
  CHECK(facts.environment_cut);
}

TEST_CASE("the kernel's mark of a deleted executable is kept apart", "[host]") {
  const FakeHost host;
  host.write("/proc/301/stat", stat_text(301, "gone", 'S', 1, 0, 1));
  host.link("/proc/301/exe", "/memfd:x (deleted)");
  ProcFs proc = host.open();
  ProcFacts facts;
  REQUIRE(proc.read(301, part::kExe | part::kExeFile, facts) == ProcRead::complete);
  CHECK(facts.exe == "/memfd:x");
  CHECK(facts.exe_deleted);
  CHECK(facts.known == (part::kStat | part::kExe));
}

TEST_CASE("a deleted executable is never taken for a file of its name", "[host]") {
  const FakeHost host;
  host.write("/proc/301/stat", stat_text(301, "gone", 'S', 1, 0, 1));
  host.link("/proc/301/exe", "/bin/tool (deleted)");
  ProcFs proc = host.open();
  ProcFacts facts;
  REQUIRE(proc.read(301, part::kExe | part::kExeFile, facts) == ProcRead::complete);
  CHECK_FALSE(facts.knows(part::kExeFile));
}

TEST_CASE("a process that is not there is missing, and nonsense is unreadable", "[host]") {
  const FakeHost host;
  ProcFs proc = host.open();
  ProcFacts facts;
  CHECK(proc.read(301, part::kAll, facts) == ProcRead::missing);
  CHECK(facts.known == 0);
  host.write("/proc/302/stat", "302 (no");
  CHECK(proc.read(302, part::kAll, facts) == ProcRead::unreadable);
  CHECK(facts.known == 0);
  host.write("/proc/303", "a file");
  CHECK(proc.read(303, part::kAll, facts) == ProcRead::unreadable);
}

TEST_CASE("a start time that changes while it is read takes all back", "[host]") {
  const FakeHost host;
  ProcFs proc = host.open();
  ProcFacts facts;
  const std::string text = stat_text(300, "tool", 'S', 7, 0, 250);
  host.write("/proc/300/stat", text);
  // Changes one digit to and fro, as another process with this pid would.
  std::atomic<bool> stop = false;
  std::thread other([&] {
    const Fd file(::open((host.path + "/proc/300/stat").c_str(), O_WRONLY | O_CLOEXEC));
    const auto at = static_cast<off_t>(text.find(" 250 ") + 3);
    for (bool odd = true; !stop; odd = !odd) {
      if (::pwrite(file.get(), odd ? "1" : "0", 1, at - 1) != 1) break;
    }
  });
  bool is_seen = false;
  bool is_clear = true;
  for (int i = 0; i < 1'000'000 && !is_seen; ++i) {
    is_seen = proc.read(300, part::kAll, facts) == ProcRead::missing;
    is_clear = is_clear && (!is_seen || (facts.known == 0 && facts.exe.empty()));
  }
  stop = true;
  other.join();
  CHECK(is_seen);
  CHECK(is_clear);
}

TEST_CASE("whether a process lives is told with its start time", "[host]") {
  const FakeHost host;
  ProcFs proc = host.open();
  CHECK(proc.life(300, 250) == Life::alive);
  CHECK(proc.life(300, 251) == Life::gone);
  CHECK(proc.life(299, 250) == Life::gone);
  host.write("/proc/300/stat", stat_text(300, "tool", 'Z', 7, 0, 250));
  CHECK(proc.life(300, 250) == Life::zombie);
  host.write("/proc/300/stat", "");
  CHECK(proc.life(300, 250) == Life::unknown);
}

TEST_CASE("the list of processes has the folders with the names of pids", "[host]") {
  const FakeHost host;
  for (const char* name :
       {"/proc/1/stat", "/proc/4294967295/stat", "/proc/self/stat", "/proc/12x/stat",
        "/proc/007/stat", "/proc/0/stat", "/proc/99999999999/stat", "/proc/-5/stat"})
    host.write(name, "");
  ProcFs proc = host.open();
  std::vector<std::uint32_t> pids = {9};
  REQUIRE(proc.list(pids).has_value());
  std::sort(pids.begin(), pids.end());
  CHECK(pids == std::vector<std::uint32_t>{1, 300, 4294967295});
}

TEST_CASE("a host without a boot time gives start times in ticks only", "[host]") {
  const FakeHost host;
  host.write("/proc/stat", "cpu 1\n");
  ProcFs proc = host.open();
  ProcFacts facts;
  REQUIRE(proc.read(300, part::kStat, facts) == ProcRead::complete);
  CHECK(proc.boot_time_ns() == 0);
  CHECK(facts.start_ticks == 250);
  CHECK(facts.start_ns == 0);
}

TEST_CASE("a root without proc is an error that names it", "[host]") {
  const TempRoot root;
  const Result<ProcFs> proc = ProcFs::open(root.path);
  REQUIRE_FALSE(proc.has_value());
  CHECK(proc.error().code == std::errc::no_such_file_or_directory);
  CHECK_THAT(proc.error().message, Catch::Contains(root.path));
}

TEST_CASE("reading a process again allocates nothing", "[host]") {
  const FakeHost host;
  // But for the executable below a root other than /, whose path is joined.
  ProcFs proc = host.open({"*"});
  constexpr std::uint32_t kParts = part::kAll & ~part::kExeFile;
  ProcFacts facts;
  REQUIRE(proc.read(300, kParts, facts) == ProcRead::complete);
  const std::size_t before = allocation_count();
  for (int i = 0; i < 10; ++i) {
    if (proc.read(300, kParts, facts) != ProcRead::complete) FAIL("a part is missing");
  }
  CHECK(allocation_count() == before);
}

}  // namespace
}  // namespace sorrel::host
