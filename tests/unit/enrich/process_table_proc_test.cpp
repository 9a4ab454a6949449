// What the process table makes of /proc.

#include <array>
#include <map>

#include "catch.h"
#include "told_table.h"

namespace sorrel::enrich {

TEST_CASE("a process from /proc has its start time for an id", "[processes]") {
  ToldTable t;
  t.proc(1230, {.pid = 100, .ppid = 1, .exe = "/usr/sbin/sshd", .session = 2, .auid = 1000});
  const Process* const process = t.table.find(100);
  CHECK(t.id(process) == "1700000001.230");
  CHECK((process->flags & Process::kFromProc) != 0);
  CHECK(start_ticks_of(process->id) == 123);
  CHECK(process->session == 2);
}

TEST_CASE("children may be read before their parents", "[processes]") {
  ToldTable t;
  t.proc(30, {.pid = 30, .ppid = 20, .exe = "/bin/c"});
  t.proc(20, {.pid = 20, .ppid = 10, .exe = "/bin/b"});
  t.proc(10, {.pid = 10, .ppid = 0, .exe = "/bin/a"});
  CHECK(t.lineage(30) == "/bin/c");
  t.table.link_parents();
  CHECK(t.lineage(30) == "/bin/c /bin/b /bin/a");
}

TEST_CASE("a parent that began after its child is another process", "[processes]") {
  ToldTable t;
  t.proc(30, {.pid = 30, .ppid = 20, .exe = "/bin/c"});
  t.proc(5000, {.pid = 20, .ppid = 10, .exe = "/bin/b"});
  t.table.link_parents();
  CHECK(t.lineage(30) == "/bin/c");
}

TEST_CASE("reading a process again confirms it, or finds another", "[processes]") {
  ToldTable t;
  SECTION("from /proc, by its ticks") {
    t.proc(100, {.pid = 100, .exe = "/bin/a"});
    t.proc(100, {.pid = 100, .exe = "/bin/a"});
    CHECK(t.table.counters().created.value() == 1);
    t.proc(110, {.pid = 100, .exe = "/bin/b"});
  }
  SECTION("from an event, by its time") {
    t.see(100, {.pid = 100, .exe = "/bin/a"});
    t.proc(90, {.pid = 100, .exe = "/bin/a"});
    CHECK(t.table.counters().created.value() == 1);
    t.proc(100 + 1001, {.pid = 100, .exe = "/bin/b"});
  }
  SECTION("one that has ended") {
    t.see(100, {.pid = 100, .exe = "/bin/a"});
    t.end(200, 100);
    t.proc(90, {.pid = 100, .exe = "/bin/a"});
    CHECK(t.table.counters().created.value() == 1);
    CHECK_FALSE(t.table.find(100)->is_current());
    t.proc(210, {.pid = 100, .exe = "/bin/b"});
  }
  CHECK(t.table.counters().created.value() == 2);
  CHECK(t.exe(t.table.find(100)) == "/bin/b");
  CHECK(t.table.find(100)->is_current());
}

TEST_CASE("what /proc knows of a process that an event has shown is added to it", "[processes]") {
  ToldTable t;
  t.see(100, {.pid = 100, .exe = ""});
  t.proc(90, {.pid = 100, .exe = "/bin/a"});
  CHECK(t.exe(t.table.find(100)) == "/bin/a");
}

TEST_CASE("a sweep ends what is not there any more, and nothing that came meanwhile",
          "[processes]") {
  ToldTable t;
  for (std::uint32_t pid = 1; pid <= 2000; ++pid) t.see(1, {.pid = pid, .exe = "/bin/x"});
  for (int round = 0; round < 3; ++round) {
    t.table.begin_sweep();
    for (std::uint32_t pid = 2; pid <= 2000; pid += 2) t.table.mark(pid);
    t.see(2, {.pid = 3000, .exe = "/bin/new"});
    t.see(2, {.pid = 1, .exe = "/bin/x"});
    int slices = 1;
    while (!t.table.end_sweep(ToldTable::kBaseMs + 3, 100)) ++slices;
    CHECK(slices == 21);
    CHECK(t.table.find(1)->is_current());
    CHECK(t.table.find(2)->is_current());
    CHECK_FALSE(t.table.find(3)->is_current());
    CHECK(t.table.find(3000)->is_current());
    CHECK(t.table.counters().vanished.value() == 999);
  }
}

TEST_CASE("a sweep that is begun again goes on", "[processes]") {
  ToldTable t;
  t.see(1, {.pid = 1, .exe = "/bin/x"});
  t.see(1, {.pid = 2, .exe = "/bin/x"});
  t.table.begin_sweep();
  t.table.mark(1);
  t.table.begin_sweep();
  CHECK(t.table.end_sweep(ToldTable::kBaseMs + 3));
  CHECK(t.table.find(1)->is_current());
  CHECK_FALSE(t.table.find(2)->is_current());
}

TEST_CASE("children inherit where they run until they are told otherwise", "[processes]") {
  ToldTable t;
  const Process& shim = t.exec(1, {.pid = 10, .ppid = 1, .exe = "/usr/bin/shim"});
  REQUIRE(t.table.set_facts({10, shim.id}, {.container_id = "c0ffee", .unit = "docker.service"}));
  t.fork(2, 10, 11);
  t.exec(3, {.pid = 11, .ppid = 10, .exe = "/bin/sh"});
  const Process* const shell = t.table.find(11);
  CHECK(t.table.facts(*shell).container_id == "c0ffee");
  CHECK((shell->flags & Process::kInheritedFacts) != 0);
  CHECK((t.table.find(10)->flags & Process::kInheritedFacts) == 0);
  REQUIRE(t.table.set_facts({11, shell->id}, {.container_id = "beef"}));
  CHECK(t.table.facts(*shell).container_id == "beef");
  CHECK((shell->flags & Process::kInheritedFacts) == 0);
  CHECK(t.table.facts_table().size() == 2);
}

TEST_CASE("facts that come after another process has the pid are nobody's", "[processes]") {
  ToldTable t;
  const Process& first = t.exec(1, {.pid = 10, .ppid = 1, .exe = "/bin/a"});
  const ProcessKey key{10, first.id};
  SECTION("an exec meanwhile is the same process") {
    t.exec(2, {.pid = 10, .ppid = 1, .exe = "/bin/b"});
    CHECK(t.table.set_facts(key, {.unit = "x.service"}));
    CHECK(t.table.set_labels(key, 7));
    CHECK(t.table.facts(*t.table.find(10)).unit == "x.service");
    CHECK(t.table.find(10)->labels == 7);
  }
  SECTION("another process is not") {
    t.end(2, 10);
    t.exec(3, {.pid = 10, .ppid = 1, .exe = "/bin/b"});
    CHECK_FALSE(t.table.set_facts(key, {.unit = "x.service"}));
    CHECK_FALSE(t.table.set_labels(key, 7));
    CHECK(t.table.facts(*t.table.find(10)) == ProcessFacts{});
  }
}

TEST_CASE("rows come in slices, each entry once", "[processes]") {
  ToldTable t;
  for (std::uint32_t pid = 1; pid <= 1000; ++pid) t.see(1, {.pid = pid, .exe = "/bin/x"});
  t.end(2, 17);
  std::map<std::uint32_t, int> seen;
  std::array<const Process*, 64> rows{};
  std::uint32_t cursor = 0;
  std::size_t count = rows.size();
  while (count == rows.size()) {
    count = t.table.next_rows(cursor, rows);
    for (std::size_t i = 0; i < count; ++i) ++seen[rows[i]->pid];
    t.see(3, {.pid = 5, .exe = "/bin/x"});
  }
  CHECK(seen.size() == 1000);
  for (const auto& [pid, times] : seen) CHECK(times == 1);
}

}  // namespace sorrel::enrich
