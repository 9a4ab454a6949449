#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "allocations.h"
#include "catch.h"
#include "host/exe_hash.h"
#include "host/proc_fs.h"
#include "temp_root.h"

// The /proc of the machine that the tests run on, with processes that the tests start.

namespace sorrel::host {
namespace {

// A process that waits until it is killed.
class Child {
 public:
  // `env` is the whole environment of the program that it runs.
  explicit Child(const char* env, const char* program = "/bin/cat") {
    std::array<int, 2> started{};
    SORREL_CHECK(::pipe2(started.data(), O_CLOEXEC) == 0, "a pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      std::array<char*, 2> argv = {const_cast<char*>("cat"), nullptr};
      std::array<char*, 2> envp = {const_cast<char*>(env), nullptr};
      std::array<int, 2> input{};
      // It reads from a pipe of its own, which never ends.
      if (::pipe(input.data()) == 0) ::dup2(input[0], 0);
      ::execve(program, argv.data(), envp.data());
      ::_exit(127);
    }
    ::close(started[1]);
    // Ends when the program has taken the place of our copy: its end is closed then.
    char byte = 0;
    while (::read(started[0], &byte, 1) > 0) {
    }
    ::close(started[0]);
  }
  ~Child() { reap(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  // Leaves a zombie.
  void kill() const {
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  void reap() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
};

ProcFs open_proc() {
  Result<ProcFs> proc = ProcFs::open("/", EnvironmentSelection({"SORREL_*"}));
  SORREL_CHECK(proc.has_value(), proc.error().to_string().c_str());
  return std::move(*proc);
}

// Kernels without auditing have no login in /proc.
constexpr std::uint32_t kParts = part::kAll & ~part::kLogin;

TEST_CASE("a process of ours is read in full, and again without allocating", "[host]") {
  const Child child("SORREL_TEST=yes");
  ProcFs proc = open_proc();
  ProcFacts facts;
  REQUIRE(proc.read(child.pid(), kParts, facts) == ProcRead::complete);
  CHECK(facts.known == kParts);
  CHECK(facts.ppid == static_cast<std::uint32_t>(::getpid()));
  CHECK(facts.comm() == "cat");
  CHECK_THAT(facts.exe,
             Catch::Contains("cat") || Catch::Contains("busybox") || Catch::Contains("coreutils"));
  struct stat status {};
  REQUIRE(::stat("/bin/cat", &status) == 0);
  CHECK(facts.exe_file == file_id(status));
  REQUIRE(facts.environment.variables().size() == 1);
  CHECK(facts.environment.variables()[0].name == "SORREL_TEST");
  CHECK(facts.environment.variables()[0].value == "yes");
  CHECK(facts.cwd == std::filesystem::current_path().string());
  CHECK(facts.namespace_pid != 0);
  CHECK_FALSE(facts.cgroup_text.empty());
  CHECK(facts.start_ns > proc.boot_time_ns());
  CHECK(proc.life(child.pid(), facts.start_ticks) == Life::alive);

  const std::size_t before = allocation_count();
  for (int i = 0; i < 10; ++i) {
    if (proc.read(child.pid(), kParts, facts) != ProcRead::complete) FAIL("a part is missing");
  }
  CHECK(allocation_count() == before);
}

TEST_CASE("a zombie is known as one, without what it had in memory", "[host]") {
  const Child child("SORREL_TEST=yes");
  ProcFs proc = open_proc();
  ProcFacts facts;
  child.kill();
  REQUIRE(proc.read(child.pid(), kParts, facts) == ProcRead::complete);
  CHECK(facts.state == 'Z');
  CHECK(facts.comm() == "cat");
  CHECK_FALSE(facts.knows(part::kEnvironment));
  CHECK_FALSE(facts.knows(part::kExe));
  CHECK(proc.life(child.pid(), facts.start_ticks) == Life::zombie);
}

TEST_CASE("a process that is gone is missing", "[host]") {
  Child child("A=b");
  ProcFs proc = open_proc();
  ProcFacts facts;
  const std::uint32_t pid = child.pid();
  REQUIRE(proc.read(pid, part::kStat, facts) == ProcRead::complete);
  const std::uint64_t start = facts.start_ticks;
  child.reap();
  CHECK(proc.read(pid, kParts, facts) == ProcRead::missing);
  CHECK(facts.known == 0);
  CHECK(proc.life(pid, start) == Life::gone);
  CHECK_FALSE(proc.open_executable(pid, start));
}

TEST_CASE("the file that a process runs is opened, and only that process's", "[host]") {
  const Child child("A=b");
  ProcFs proc = open_proc();
  ProcFacts facts;
  REQUIRE(proc.read(child.pid(), part::kExe | part::kExeFile, facts) == ProcRead::complete);
  const Fd file = proc.open_executable(child.pid(), facts.start_ticks);
  REQUIRE(file);
  ExeHasher hasher(ExeHashOptions{.max_file_bytes = 100'000'000});
  const ExeHash hash = hasher.hash(file.get());
  CHECK(hash.state == HashState::hashed);
  CHECK(hash.file == facts.exe_file);
  CHECK_FALSE(proc.open_executable(child.pid(), facts.start_ticks + 1));
}

TEST_CASE("a file that is called deleted is told from one that is", "[host]") {
  const TempRoot root;
  const std::string path = root.path + "/tool (deleted)";
  std::filesystem::copy_file("/bin/cat", path);
  const Child child("A=b", path.c_str());
  ProcFs proc = open_proc();
  ProcFacts facts;
  REQUIRE(proc.read(child.pid(), part::kExe | part::kExeFile, facts) == ProcRead::complete);
  CHECK(facts.exe == path);
  CHECK_FALSE(facts.exe_deleted);
  std::filesystem::remove(path);
  REQUIRE(proc.read(child.pid(), part::kExe | part::kExeFile, facts) == ProcRead::complete);
  CHECK(facts.exe == path);
  CHECK(facts.exe_deleted);
  CHECK(facts.exe_file.size > 0);
}

TEST_CASE("the list of processes has us and our child", "[host]") {
  const Child child("A=b");
  ProcFs proc = open_proc();
  std::vector<std::uint32_t> pids;
  REQUIRE(proc.list(pids).has_value());
  const auto has = [&](std::uint32_t pid) {
    return std::find(pids.begin(), pids.end(), pid) != pids.end();
  };
  CHECK(has(child.pid()));
  CHECK(has(static_cast<std::uint32_t>(::getpid())));
}

}  // namespace
}  // namespace sorrel::host
