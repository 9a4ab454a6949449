#include "enrich/process_state.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "temp_folder.h"
#include "told_table.h"

namespace sorrel::enrich {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBoot = "6a2b1f7e-0000-4000-8000-000000000001";

void fill(ToldTable& t, Sessions& sessions) {
  t.proc(10, {.pid = 1, .exe = "/sbin/init"});
  t.exec(1000, {.pid = 50, .ppid = 1, .exe = "/usr/sbin/sshd", .session = 4, .auid = 1000});
  t.fork(1010, 50, 51);
  t.exec(1020, {.pid = 51, .ppid = 50, .exe = "/bin/bash", .session = 4, .auid = 1000});
  t.table.set_facts({51, t.table.find(51)->id}, {.container_id = "c0ffee", .pid_namespace = 7});
  t.exec(1030, {.pid = 52, .ppid = 51, .exe = "/bin/ls \xff", .session = 4, .auid = 1000});
  t.end(1040, 50);
  sessions.open(4, 1000, "1700000001.000:3");
  sessions.describe(4, 1000, {.address = "192.0.2.7"});
}

}  // namespace

TEST_CASE("what was written is there after a restart, but unconfirmed", "[state]") {
  ToldTable before;
  Sessions sessions;
  fill(before, sessions);
  const sorrel::test::TempFolder folder;
  REQUIRE(ProcessState(before.table, sessions).write(folder.path("processes"), kBoot));

  ToldTable t;
  Sessions restored;
  REQUIRE(ProcessState(t.table, restored).restore(folder.path("processes"), kBoot));
  CHECK(t.table.size() == before.table.size());
  CHECK(t.lineage(52) == "/bin/ls \xff /bin/bash /usr/sbin/sshd /sbin/init");
  CHECK(t.spawned_by(51) == "/usr/sbin/sshd");
  for (const std::uint32_t pid : {1u, 50u, 51u, 52u}) {
    CHECK(t.id(t.table.find(pid)) == before.id(before.table.find(pid)));
    CHECK(t.table.find(pid)->is_current() == (pid != 50));
    CHECK((t.table.find(pid)->flags & Process::kUnconfirmed) != 0);
  }
  CHECK(t.table.find(52)->session == 4);
  CHECK(t.table.facts(*t.table.find(51)).container_id == "c0ffee");
  CHECK(t.table.facts(*t.table.find(51)).pid_namespace == 7);
  REQUIRE(restored.find(4) != nullptr);
  CHECK(restored.find(4)->address == "192.0.2.7");
  // /proc confirms the one and refutes the other.
  t.proc(10, {.pid = 1, .exe = "/sbin/init"});
  CHECK((t.table.find(1)->flags & Process::kUnconfirmed) == 0);
  t.proc(9000, {.pid = 52, .ppid = 1, .exe = "/bin/other"});
  CHECK(t.lineage(52) == "/bin/other /sbin/init");
  // Written again, it is the same.
  ToldTable again;
  Sessions same;
  REQUIRE(ProcessState(again.table, same).restore(folder.path("processes"), kBoot));
  CHECK(ProcessState(again.table, same).to_bytes(kBoot) ==
        ProcessState(before.table, sessions).to_bytes(kBoot));
}

TEST_CASE("the file is the owner's, and is replaced whole", "[state]") {
  ToldTable t;
  Sessions sessions;
  fill(t, sessions);
  const sorrel::test::TempFolder folder;
  std::ofstream(folder.path("processes") + ".tmp") << "left by a run that was killed";
  const ProcessState state(t.table, sessions);
  REQUIRE(state.write(folder.path("processes"), kBoot));
  REQUIRE(state.write(folder.path("processes"), kBoot));
  struct stat status {};
  REQUIRE(::stat(folder.path("processes").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
  CHECK_FALSE(state.write(folder.path("missing/processes"), kBoot));
}

TEST_CASE("a state that cannot be trusted is refused, with the reason", "[state]") {
  ToldTable filled;
  Sessions sessions;
  fill(filled, sessions);
  std::string bytes = ProcessState(filled.table, sessions).to_bytes(kBoot);
  ToldTable t;
  Sessions restored;
  ProcessState state(t.table, restored);
  const auto code = [&](std::string_view from, std::string_view boot = kBoot) {
    const Status status = state.from_bytes(from, boot);
    return status ? std::error_code() : status.error().code;
  };
  CHECK(code(bytes, "another") == std::errc::invalid_argument);
  CHECK(code("") == std::errc::bad_message);
  CHECK(code("something else entirely") == std::errc::bad_message);
  std::string newer = bytes;
  newer[8] = 2;
  CHECK(code(newer) == std::errc::not_supported);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    REQUIRE(code(damaged) != std::error_code());
    REQUIRE(code(std::string_view(bytes).substr(0, i)) != std::error_code());
  }
  CHECK(t.table.size() == 0);
  CHECK(restored.size() == 0);
  CHECK(code(bytes) == std::error_code());
}

TEST_CASE("a state file that others could have written is not read", "[state]") {
  ToldTable filled;
  Sessions sessions;
  fill(filled, sessions);
  const sorrel::test::TempFolder folder;
  ToldTable t;
  Sessions restored;
  ProcessState state(t.table, restored);
  CHECK(state.restore(folder.path("processes"), kBoot).error().code ==
        std::errc::no_such_file_or_directory);
  REQUIRE(ProcessState(filled.table, sessions).write(folder.path("processes"), kBoot));
  REQUIRE(::chmod(folder.path("processes").c_str(), 0620) == 0);
  CHECK(state.restore(folder.path("processes"), kBoot).error().code ==
        std::errc::permission_denied);
  REQUIRE(::chmod(folder.path("processes").c_str(), 0600) == 0);
  fs::create_symlink(folder.path("processes"), folder.path("link"));
  CHECK_FALSE(state.restore(folder.path("link"), kBoot));
  CHECK(state.restore(folder.path("processes"), kBoot));
}

TEST_CASE("a smaller table keeps what was seen last", "[state]") {
  ToldTable big;
  Sessions sessions;
  for (std::uint32_t pid = 1; pid <= 100; ++pid)
    big.see(pid * 2000, {.pid = pid, .ppid = pid - 1, .exe = "/bin/x"});
  const std::string bytes = ProcessState(big.table, sessions).to_bytes(kBoot);
  ToldTable t({.max_processes = 16});
  Sessions none;
  REQUIRE(ProcessState(t.table, none).from_bytes(bytes, kBoot));
  CHECK(t.table.size() == 16);
  CHECK(t.table.find(100) != nullptr);
  CHECK(t.table.find(84) == nullptr);
  CHECK(t.table.parent(*t.table.find(100))->pid == 99);
  CHECK(t.table.parent(*t.table.find(85)) == nullptr);
}

}  // namespace sorrel::enrich
