// What the process table makes of the stream's evidence.

#include "catch.h"
#include "told_table.h"

namespace sorrel::enrich {

TEST_CASE("the first sight of a process makes its entry, with that event's id", "[processes]") {
  ToldTable t;
  t.see(10, {.pid = 100, .ppid = 1, .exe = "/usr/sbin/sshd"});
  const std::string first = t.last_id;
  t.see(20, {.pid = 100, .ppid = 1, .exe = "/usr/sbin/sshd"});
  const Process* const process = t.table.find(100);
  REQUIRE(process != nullptr);
  CHECK(t.id(process) == first);
  CHECK(t.table.text(process->comm) == "sshd");
  CHECK(t.table.size() == 1);
  CHECK(t.table.parent(*process) == nullptr);
  CHECK(t.table.find(1) == nullptr);
}

TEST_CASE("its parent is the entry that ppid has at that time", "[processes]") {
  ToldTable t;
  t.see(10, {.pid = 100, .exe = "/usr/sbin/nginx"});
  t.exec(20, {.pid = 101, .ppid = 100, .exe = "/bin/sh"});
  t.exec(30, {.pid = 102, .ppid = 101, .exe = "/usr/bin/id"});
  CHECK(t.lineage(102) == "/usr/bin/id /bin/sh /usr/sbin/nginx");
  CHECK(t.spawned_by(102) == "/bin/sh");
}

TEST_CASE("an exec is spawned by the program that it replaced, and keeps the parent",
          "[processes]") {
  ToldTable t;
  t.see(10, {.pid = 100, .exe = "/usr/sbin/cron"});
  t.exec(20, {.pid = 101, .ppid = 100, .exe = "/bin/sh"});
  const std::string shell = t.last_id;
  t.exec(30, {.pid = 101, .ppid = 100, .exe = "/usr/bin/env"});
  t.exec(40, {.pid = 101, .ppid = 100, .exe = "/usr/bin/python3"});
  CHECK(t.id(t.table.find(101)) == t.last_id);
  CHECK(t.lineage(101) == "/usr/bin/python3 /usr/sbin/cron");
  CHECK(t.spawned_by(101) == "/usr/bin/env");
  const Process* const env = t.table.get(t.table.find(101)->previous);
  REQUIRE(env != nullptr);
  CHECK(t.id(t.table.get(env->previous)) == shell);
  CHECK_FALSE(env->is_current());
}

TEST_CASE("a program's parent is what the parent runs when the program begins", "[processes]") {
  ToldTable t;
  t.exec(10, {.pid = 100, .ppid = 1, .exe = "/bin/sh"});
  t.fork(20, 100, 101);
  t.exec(30, {.pid = 100, .ppid = 1, .exe = "/usr/bin/top"});
  t.exec(40, {.pid = 101, .ppid = 100, .exe = "/usr/bin/id"});
  CHECK(t.spawned_by(101) == "/usr/bin/top");
  CHECK(t.lineage(101) == "/usr/bin/id /usr/bin/top");
  CHECK(t.lineage(100) == "/usr/bin/top");
}

TEST_CASE("a forked child runs its parent's program until it executes another", "[processes]") {
  ToldTable t;
  t.exec(10, {.pid = 100, .ppid = 1, .exe = "/bin/bash", .session = 3, .auid = 1000});
  const Process* const child = t.fork(20, 100, 101);
  REQUIRE(child != nullptr);
  const std::string fork = t.last_id;
  CHECK(t.id(child) == fork);
  CHECK(t.exe(child) == "/bin/bash");
  CHECK(child->session == 3);
  CHECK(child->auid == 1000);
  t.exec(30, {.pid = 101, .ppid = 100, .exe = "/bin/ls", .session = 3, .auid = 1000});
  CHECK(t.id(t.table.find(101)) == t.last_id);
  CHECK(t.spawned_by(101) == "/bin/bash");
  CHECK(t.table.spawned_by(*t.table.find(101))->pid == 100);
  CHECK(t.lineage(101) == "/bin/ls /bin/bash");
}

TEST_CASE("a forked child is known by its own first event from then on", "[processes]") {
  ToldTable t;
  t.exec(10, {.pid = 100, .ppid = 1, .exe = "/bin/bash"});
  t.fork(20, 100, 101);
  t.see(25, {.pid = 101, .ppid = 100, .exe = "/bin/bash"});
  const std::string first = t.last_id;
  CHECK(t.id(t.table.find(101)) == first);
  t.exec(30, {.pid = 101, .ppid = 100, .exe = "/bin/ls"});
  CHECK(t.id(t.table.spawned_by(*t.table.find(101))) == first);
  CHECK(t.lineage(101) == "/bin/ls /bin/bash");
}

TEST_CASE("a double fork keeps its lineage when the reaper takes it over", "[processes]") {
  ToldTable t;
  t.see(1, {.pid = 1, .exe = "/sbin/init"});
  t.see(2, {.pid = 50, .ppid = 1, .exe = "/usr/sbin/nginx"});
  t.exec(10, {.pid = 100, .ppid = 50, .exe = "/bin/sh"});
  t.fork(20, 100, 101);
  t.fork(30, 101, 102);
  t.end(40, 101);
  t.see(50, {.pid = 102, .ppid = 1, .exe = "/bin/sh"});
  t.exec(60, {.pid = 102, .ppid = 1, .exe = "/tmp/miner"});
  t.end(70, 100);
  CHECK(t.lineage(102) == "/tmp/miner /bin/sh /bin/sh /usr/sbin/nginx /sbin/init");
  CHECK(t.table.find(102)->ppid == 1);
  CHECK((t.table.find(102)->flags & Process::kReparented) != 0);
}

TEST_CASE("a subreaper may adopt as an ancestor does, or when it is known as one", "[processes]") {
  ToldTable t;
  t.see(1, {.pid = 10, .ppid = 1, .exe = "/lib/systemd/systemd"});
  t.exec(2, {.pid = 20, .ppid = 10, .exe = "/bin/bash"});
  t.exec(3, {.pid = 30, .ppid = 20, .exe = "/usr/bin/app"});
  t.see(4, {.pid = 30, .ppid = 10, .exe = "/usr/bin/app"});
  CHECK(t.lineage(30) == "/usr/bin/app /bin/bash /lib/systemd/systemd");
  t.see(5, {.pid = 99, .exe = "/pause"});
  t.table.set_reaper(99);
  t.see(6, {.pid = 30, .ppid = 99, .exe = "/usr/bin/app"});
  CHECK(t.lineage(30) == "/usr/bin/app /bin/bash /lib/systemd/systemd");
}

TEST_CASE("a pid that was given to another process lends it nothing", "[processes]") {
  ToldTable t;
  t.see(1, {.pid = 10, .exe = "/usr/sbin/cron"});
  t.see(2, {.pid = 20, .exe = "/usr/sbin/sshd"});
  t.exec(3, {.pid = 100, .ppid = 10, .exe = "/bin/sh", .session = 5, .auid = 1000});
  const std::string old = t.last_id;

  SECTION("its end was seen") {
    t.end(10, 100);
    t.see(20, {.pid = 100, .ppid = 10, .exe = "/bin/sh", .session = 5, .auid = 1000});
  }
  SECTION("it has another parent, which is no reaper") {
    t.see(20, {.pid = 100, .ppid = 20, .exe = "/bin/sh", .session = 5, .auid = 1000});
    CHECK(t.lineage(100) == "/bin/sh /usr/sbin/sshd");
  }
  SECTION("it left its session") {
    t.see(20, {.pid = 100, .ppid = 10, .exe = "/bin/sh", .session = 6, .auid = 1000});
  }
  SECTION("it runs another program, and no exec was seen") {
    t.see(20, {.pid = 100, .ppid = 10, .exe = "/bin/dash", .session = 5, .auid = 1000});
    CHECK(t.spawned_by(100) == "/usr/sbin/cron");
  }
  SECTION("a fork returned it") {
    t.fork(20, 10, 100);
    CHECK(t.lineage(100) == "/usr/sbin/cron /usr/sbin/cron");
  }
  SECTION("it executes with another parent") {
    t.exec(20, {.pid = 100, .ppid = 20, .exe = "/bin/sh", .session = 5, .auid = 1000});
    CHECK(t.spawned_by(100) == "/usr/sbin/sshd");
  }
  CHECK(t.id(t.table.find(100)) == t.last_id);
  CHECK(t.id(t.table.find(100)) != old);
  CHECK(t.table.get(t.table.find(100)->previous) == nullptr);
  CHECK(t.table.counters().reused.value() == 1);
}

TEST_CASE("a pid whose parent's number is another process's now is another one too",
          "[processes]") {
  ToldTable t;
  t.exec(1, {.pid = 50, .ppid = 10, .exe = "/usr/sbin/httpd"});
  t.exec(2, {.pid = 100, .ppid = 50, .exe = "/bin/sh"});
  SECTION("it has a parent of its own") {
    t.exec(3, {.pid = 50, .ppid = 20, .exe = "/usr/bin/backup"});
    t.exec(4, {.pid = 100, .ppid = 50, .exe = "/bin/ls"});
    CHECK(t.lineage(100) == "/bin/ls /usr/bin/backup");
    CHECK(t.spawned_by(100) == "/usr/bin/backup");
  }
  SECTION("it may be the parent itself, after an exec that nobody recorded") {
    t.see(3, {.pid = 50, .ppid = 10, .exe = "/usr/bin/backup"});
    t.exec(4, {.pid = 100, .ppid = 50, .exe = "/bin/ls"});
    CHECK(t.spawned_by(100) == "/bin/sh");
  }
  SECTION("it is the parent, after many an exec") {
    for (std::uint64_t ms = 3; ms < 13; ++ms)
      t.exec(ms, {.pid = 50, .ppid = 10, .exe = "/usr/bin/backup"});
    t.exec(20, {.pid = 100, .ppid = 50, .exe = "/bin/ls"});
    CHECK(t.spawned_by(100) == "/bin/sh");
    CHECK(t.lineage(100) == "/bin/ls /usr/bin/backup");
  }
}

TEST_CASE("what an exec cannot change without a trace is no sign of another process",
          "[processes]") {
  ToldTable t;
  t.see(1, {.pid = 100, .ppid = 1, .exe = "/usr/sbin/sshd"});
  const std::string first = t.last_id;
  SECTION("it logs in") {
    t.see(2, {.pid = 100, .ppid = 1, .exe = "/usr/sbin/sshd", .session = 7});
  }
  SECTION("its file was removed") {
    t.see(2, {.pid = 100, .ppid = 1, .exe = "/usr/sbin/sshd (deleted)"});
  }
  SECTION("a LOGIN record moved it") {
    t.see(2, {.pid = 100, .ppid = 1, .exe = "/usr/sbin/sshd", .session = 7});
    t.table.login(100, 8, 1001);
    t.see(3, {.pid = 100, .ppid = 1, .exe = "/usr/sbin/sshd", .session = 8, .auid = 1001});
  }
  SECTION("the record says nothing of it") {
    t.see(2, {.pid = 100, .ppid = 0, .exe = ""});
  }
  CHECK(t.id(t.table.find(100)) == first);
  CHECK(t.table.counters().reused.value() == 0);
}

TEST_CASE("a parent that has ended is not the one that ppid names later", "[processes]") {
  ToldTable t;
  t.see(1, {.pid = 100, .exe = "/bin/a"});
  t.end(10, 100);
  CHECK(t.table.find_at(100, ToldTable::kBaseMs + 10) != nullptr);
  CHECK(t.table.find_at(100, ToldTable::kBaseMs + 11) == nullptr);
  t.see(11, {.pid = 101, .ppid = 100, .exe = "/bin/b"});
  CHECK(t.lineage(101) == "/bin/b");
  // One that is told late, of a time before the end, still has it.
  t.see(9, {.pid = 102, .ppid = 100, .exe = "/bin/c"});
  CHECK(t.lineage(102) == "/bin/c /bin/a");
}

TEST_CASE("an end that is told late does not end the pid's next process", "[processes]") {
  ToldTable t;
  t.exec(10, {.pid = 100, .ppid = 1, .exe = "/bin/a"});
  t.end(5, 100);
  CHECK(t.table.find(100)->is_current());
  t.end(10, 100);
  CHECK_FALSE(t.table.find(100)->is_current());
  // And the late event of one that has ended makes no new one.
  t.see(10, {.pid = 100, .ppid = 1, .exe = "/bin/a"});
  CHECK(t.table.size() == 1);
  t.end(20, 4711);  // a thread, or anybody unknown
  CHECK(t.table.size() == 1);
}

TEST_CASE("a child that is seen before its vfork is not born twice", "[processes]") {
  ToldTable t;
  t.exec(10, {.pid = 100, .ppid = 1, .exe = "/bin/sh"});
  t.exec(30, {.pid = 101, .ppid = 100, .exe = "/bin/ls"});
  const std::string exec = t.last_id;
  t.fork(20, 100, 101);
  CHECK(t.id(t.table.find(101)) == exec);
  CHECK(t.lineage(101) == "/bin/ls /bin/sh");
  CHECK(t.table.size() == 2);
}

TEST_CASE("a late vfork takes from its child the past of the pid's last owner", "[processes]") {
  ToldTable t;
  t.exec(10, {.pid = 100, .ppid = 1, .exe = "/bin/sh"});
  t.exec(15, {.pid = 101, .ppid = 100, .exe = "/bin/old"});  // its end is not seen
  t.exec(30, {.pid = 101, .ppid = 100, .exe = "/bin/new"});
  CHECK(t.spawned_by(101) == "/bin/old");
  t.fork(20, 100, 101);
  CHECK(t.spawned_by(101) == "/bin/sh");
}

TEST_CASE("a fork in another pid namespace counts when the child's own event confirms it",
          "[processes]") {
  ToldTable t;
  t.exec(10, {.pid = 100, .ppid = 1, .exe = "/bin/sh"});
  t.see(11, {.pid = 7, .ppid = 1, .exe = "/usr/sbin/other"});
  CHECK(t.fork(20, 100, 7, false) == nullptr);
  CHECK(t.exe(t.table.find(7)) == "/usr/sbin/other");

  CHECK(t.fork(30, 100, 8, false) == nullptr);
  CHECK(t.table.find(8) == nullptr);
  SECTION("confirmed by an event") {
    t.see(40, {.pid = 8, .ppid = 100, .exe = "/bin/sh"});
    CHECK(t.id(t.table.find(8)) == t.last_id);
    CHECK(t.lineage(8) == "/bin/sh /bin/sh");
  }
  SECTION("confirmed by its exec") {
    t.exec(40, {.pid = 8, .ppid = 100, .exe = "/bin/ls"});
    CHECK(t.table.spawned_by(*t.table.find(8))->pid == 100);
  }
  SECTION("refuted") {
    t.see(40, {.pid = 8, .ppid = 7, .exe = "/bin/sh"});
    CHECK(t.id(t.table.find(8)) == t.last_id);
    CHECK(t.lineage(8) == "/bin/sh /usr/sbin/other");
  }
}

TEST_CASE("what has ended stays known for a while, longer for what it started", "[processes]") {
  ToldTable t({.keep_ended_ms = 1000});
  t.exec(10, {.pid = 100, .ppid = 1, .exe = "/bin/sh"});
  t.fork(20, 100, 101);
  t.exec(30, {.pid = 102, .ppid = 1, .exe = "/bin/leaf"});
  t.end(100, 100);
  t.end(100, 102);
  t.table.expire(ToldTable::kBaseMs + 1099);
  CHECK(t.table.find(102) != nullptr);
  t.table.expire(ToldTable::kBaseMs + 1100);
  CHECK(t.table.find(102) == nullptr);
  CHECK(t.lineage(101) == "/bin/sh /bin/sh");
  t.end(1200, 101);
  t.table.expire(ToldTable::kBaseMs + 9000);
  CHECK(t.table.size() == 0);
  CHECK(t.table.counters().forgotten_expired.value() == 3);
}

TEST_CASE("a process that keeps executing does not keep its whole past", "[processes]") {
  ToldTable t({.keep_ended_ms = 1000});
  for (std::uint64_t i = 0; i < 5000; ++i) t.exec(i * 10, {.pid = 100, .ppid = 1});
  CHECK(t.table.size() < 120);
  CHECK(t.table.spawned_by(*t.table.find(100)) != nullptr);
}

TEST_CASE("a full table forgets what has ended first, then what was not seen for longest",
          "[processes]") {
  ToldTable t({.max_processes = 16});
  for (std::uint32_t pid = 1; pid <= 16; ++pid) t.see(pid, {.pid = pid + 100, .exe = "/bin/x"});
  t.end(20, 105);
  t.see(30, {.pid = 200, .exe = "/bin/y"});
  CHECK(t.table.find(105) == nullptr);
  CHECK(t.table.counters().forgotten_ended.value() == 1);
  t.see(5000, {.pid = 101, .exe = "/bin/x"});
  t.see(5001, {.pid = 201, .exe = "/bin/y"});
  CHECK(t.table.find(101) != nullptr);
  CHECK(t.table.find(102) == nullptr);
  CHECK(t.table.counters().forgotten_current.value() == 1);
  CHECK(t.table.size() == 16);
}

TEST_CASE("a link to what was forgotten finds nothing, whoever has its place now", "[processes]") {
  ToldTable t({.max_processes = 16});
  t.see(1, {.pid = 1, .exe = "/sbin/init"});
  t.exec(2, {.pid = 2, .ppid = 1, .exe = "/bin/child"});
  // Enough for the generations of every slot to be used up more than once.
  std::uint64_t ms = 1000;
  for (std::uint32_t i = 0; i < 16 * 4096 * 3; ++i) {
    if (i % 8 == 0) t.see(ms += 1000, {.pid = 2, .ppid = 1, .exe = "/bin/child"});
    t.exec(ms, {.pid = 1000 + i, .ppid = 0, .exe = "/bin/other"});
    REQUIRE((t.lineage(2) == "/bin/child" || t.lineage(2) == "/bin/child /sbin/init"));
  }
  CHECK(t.lineage(2) == "/bin/child");
  CHECK(t.table.size() == 16);
}

TEST_CASE("time that goes back breaks nothing", "[processes]") {
  ToldTable t({.max_processes = 64, .keep_ended_ms = 1000});
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t ms = 100'000'000 - i * 7919 % 50'000'000;
    const auto pid = static_cast<std::uint32_t>(1 + i % 97);
    t.exec(ms, {.pid = pid, .ppid = pid / 2});
    if (i % 3 == 0) t.end(ms, pid);
  }
  CHECK(t.table.size() <= 64);
  t.table.expire(0);
  t.table.expire(~std::uint64_t{0});
  t.exec(~std::uint64_t{0} - ToldTable::kBaseMs, {.pid = 5000, .ppid = 1});
  CHECK(t.table.find(5000)->is_current());
}

TEST_CASE("nobody is known by the pid 0", "[processes]") {
  ToldTable t;
  CHECK(t.table.see({}) == nullptr);
  CHECK(t.table.exec({}) == nullptr);
  CHECK(t.table.fork(1, 2, "1.000:1", 1000, true) == nullptr);
  CHECK(t.table.add_from_proc({}) == nullptr);
  CHECK(t.table.get({}) == nullptr);
  CHECK(t.table.size() == 0);
}

}  // namespace sorrel::enrich
