#include <algorithm>
#include <string>

#include "catch.h"
#include "sorreld/ps_table.h"
#include "temp_root.h"

namespace sorrel::agent {
namespace {

constexpr std::uint64_t kMs = 1'700'000'000'000;

struct Table {
  ProcessKnowledge knowledge{enrich::ProcessOptions{}};
  PsTable table{knowledge};

  void exec(std::uint32_t pid, std::uint32_t ppid, const char* exe, std::uint32_t serial,
            std::uint32_t session = enrich::Process::kUnset) {
    const std::string id = "1700000000.000:" + std::to_string(serial);
    enrich::Sighting sighting{.pid = pid, .ppid = ppid, .session = session};
    if (session != enrich::Process::kUnset) sighting.auid = 1000;
    sighting.comm = "c";
    sighting.exe = exe;
    sighting.id = id;
    sighting.time_ms = kMs;
    knowledge.table.exec(sighting);
  }
  void add_from_proc(std::uint32_t pid, std::uint32_t ppid) {
    enrich::ProcProcess process{
        .pid = pid, .ppid = ppid, .start_ticks = pid, .start_ms = kMs - 500};
    process.comm = "old";
    knowledge.table.add_from_proc(process);
  }
  // All rows, by slices of `max`, in the order of their pids.
  std::vector<PsRow> read(PsQuery::State state = PsQuery::State::all, std::size_t max = 2) {
    PsQuery query;
    query.state = state;
    std::vector<PsRow> rows;
    std::uint64_t cursor = 0;
    while (table.read(query, cursor, max, rows)) {
    }
    std::ranges::sort(rows, {}, [](const PsRow& row) { return row.self.pid; });
    return rows;
  }
};

}  // namespace

TEST_CASE("each process is one row, the program that it runs now", "[sorreld][ps]") {
  Table t;
  t.exec(300, 1, "/bin/sh", 1);
  t.exec(300, 1, "/bin/ls", 2);
  t.exec(301, 300, "/bin/cat", 3);
  for (const std::size_t max : {1u, 2u, 3u, 100u}) {
    const std::vector<PsRow> rows = t.read(PsQuery::State::all, max);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].exe == "/bin/ls");
    CHECK(rows[0].comm == "c");
    REQUIRE(rows[0].self.event_id);
    CHECK(rows[0].self.event_id->serial == 2);
    CHECK_FALSE(rows[0].self.start_ms);
    CHECK_FALSE(rows[0].exited_ms);
    CHECK(rows[1].ppid == 300);
    REQUIRE(rows[1].parent);
    CHECK(rows[1].parent->pid == 300);
    CHECK(rows[1].parent->event_id->serial == 2);
  }
}

TEST_CASE("a parent that has exited stays, with its end", "[sorreld][ps]") {
  Table t;
  t.exec(300, 1, "/bin/sh", 1);
  t.exec(301, 300, "/bin/cat", 2);
  t.knowledge.table.end(300, kMs + 7);
  CHECK(t.read(PsQuery::State::running).size() == 1);
  const std::vector<PsRow> exited = t.read(PsQuery::State::exited);
  REQUIRE(exited.size() == 1);
  CHECK(exited[0].self.pid == 300);
  CHECK(exited[0].exited_ms == kMs + 7);
  CHECK(t.read()[1].parent->pid == 300);
}

TEST_CASE("what /proc told has a start time and no event", "[sorreld][ps]") {
  Table t;
  t.add_from_proc(300, 1);
  const std::vector<PsRow> rows = t.read();
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows[0].self.event_id);
  CHECK(rows[0].self.start_ms == kMs - 500);
  CHECK(rows[0].comm == "old");
  CHECK(rows[0].exe.empty());
  CHECK_FALSE(rows[0].auid);
  CHECK_FALSE(rows[0].parent);
}

TEST_CASE("login, unit and container are in the row", "[sorreld][ps]") {
  const host::TempRoot root;
  root.write("/etc/passwd", "alice:x:1000:1000::/home/alice:/bin/sh\n");
  root.write("/etc/group", "alice:x:1000:\n");
  Table t;
  t.exec(300, 1, "/bin/sh", 4, 9);
  t.knowledge.sessions.open(9, 1000, "1700000000.000:3");
  const enrich::Process* const process = t.knowledge.table.find(300);
  enrich::ProcessFacts facts;
  facts.unit = "user@1000.service";
  facts.container_id = "abc";
  REQUIRE(t.knowledge.table.set_facts({300, process->id}, facts));
  CHECK(t.read()[0].user.empty());  // no names yet
  auto users = host::UserDb::load(root.path);
  REQUIRE(users);
  t.table.set_users(std::make_shared<const host::UserDb>(*std::move(users)));
  const PsRow row = t.read()[0];
  CHECK(row.auid == 1000u);
  CHECK(row.user == "alice");
  CHECK(row.ses == 9u);
  REQUIRE(row.session_event);
  CHECK(row.session_event->serial == 3);
  CHECK(row.unit == "user@1000.service");
  CHECK(row.container == "abc");
  facts.user_unit = "app.service";
  REQUIRE(t.knowledge.table.set_facts({300, t.knowledge.table.find(300)->id}, facts));
  CHECK(t.read()[0].unit == "app.service");
}

TEST_CASE("only the pids that are asked for come", "[sorreld][ps]") {
  Table t;
  for (std::uint32_t pid = 300; pid < 310; ++pid) t.exec(pid, 1, "/bin/sh", pid);
  PsQuery query;
  query.pids = {302, 307, 999};
  std::vector<PsRow> rows;
  std::uint64_t cursor = 0;
  CHECK_FALSE(t.table.read(query, cursor, 100, rows));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].self.pid + rows[1].self.pid == 609);
}

}  // namespace sorrel::agent
