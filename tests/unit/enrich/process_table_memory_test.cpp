// Limits: what the process table takes, and that it takes nothing more once warm.

#include <string>
#include <vector>

#include "catch.h"
#include "property/counted_memory.h"
#include "told_table.h"

namespace sorrel::enrich {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

}  // namespace

TEST_CASE("100,000 processes take at most 16 MiB, all limits reached", "[memory]") {
  const std::size_t before = test::counted_memory().live_bytes;
  ToldTable t;
  CHECK(t.table.memory_bytes() < 64 * 1024);
  for (std::uint32_t i = 0; i < 150'000; ++i) {
    const std::string exe = "/opt/some/longer/folder/program-" + std::to_string(i % 16'000);
    t.exec(i, {.pid = i + 1, .ppid = i / 2 + 1, .exe = exe});
    t.table.set_facts({i + 1, t.table.find(i + 1)->id},
                      {.container_id = std::string(64, 'a') + std::to_string(i % 4096)});
  }
  CHECK(t.table.size() == 100'000);
  CHECK(t.table.memory_bytes() < 16 * kMiB);
  // What came from the heap is all in the sum.
  CHECK(test::counted_memory().live_bytes - before < t.table.memory_bytes());
  WARN("100,000 processes: " << t.table.memory_bytes() << " bytes, of which heap "
                             << test::counted_memory().live_bytes - before);
}

TEST_CASE("endless names stay within their limits, and the newest is known", "[memory]") {
  ToldTable t({.max_processes = 5000, .strings = {.max_strings = 1000, .max_bytes = 200'000}});
  std::string exe;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    exe = "/tmp/" + std::string(1 + i % 300, 'x') + std::to_string(i);
    t.exec(i, {.pid = i % 20'000 + 1, .ppid = 0, .exe = exe});
    if (i % 2 == 0) t.end(i, i % 20'000 + 1);
    REQUIRE(t.exe(t.table.find(i % 20'000 + 1)) == exe);
  }
  CHECK(t.table.strings().size() <= 1000);
  CHECK(t.table.strings().memory_bytes() < 300'000);
  CHECK(t.table.strings().forgotten() > 100'000);
  CHECK(t.table.counters().dropped_names.value() == 0);
  // One that is too long for anybody is unknown, and counted.
  t.exec(200'000, {.pid = 1, .exe = std::string(5000, 'y')});
  CHECK(t.exe(t.table.find(1)).empty());
  CHECK(t.table.counters().dropped_names.value() == 2);
}

TEST_CASE("endless facts stay within their limits", "[memory]") {
  ToldTable t({.max_processes = 500, .max_facts = 100});
  for (std::uint32_t i = 0; i < 5000; ++i) {
    t.exec(i, {.pid = i + 1, .exe = "/bin/x"});
    t.table.set_facts({i + 1, t.table.find(i + 1)->id}, {.unit = std::to_string(i) + ".service"});
    if (i % 50 != 0) t.end(i, i + 1);
  }
  CHECK(t.table.facts_table().size() == 100);
  CHECK(t.table.facts_table().memory_bytes() < 100 * 1024);
  CHECK(t.table.facts_table().dropped_sets() > 0);
}

TEST_CASE("an event allocates nothing once the table is warm", "[memory]") {
  std::vector<std::string> ids;
  std::vector<Sighting> sightings;
  for (std::uint32_t i = 0; i < 20'000; ++i) ids.push_back(ToldTable::id_at(i * 3, i));
  static constexpr std::string_view kExes[] = {"/bin/sh", "/usr/bin/env", "/usr/bin/python3.11"};
  for (std::uint32_t i = 0; i < 20'000; ++i)
    sightings.push_back({.pid = i % 3000 + 2,
                         .ppid = i % 50 + 1,
                         .comm = kExes[i % 3].substr(5),
                         .exe = kExes[i % 3],
                         .id = ids[i],
                         .time_ms = ToldTable::kBaseMs + i * 3});
  ProcessTable table({.max_processes = 2500, .keep_ended_ms = 5000});
  std::uint64_t before = 0;
  for (int pass = 0; pass < 3; ++pass) {
    before = test::counted_memory().allocations;
    for (std::uint32_t i = 0; i < sightings.size(); ++i) {
      const Sighting& s = sightings[i];
      if (i % 5 == 0) table.fork(s.ppid, s.pid, s.id, s.time_ms, i % 2 == 0);
      if (i % 3 == 0) {
        table.see(s);
      } else {
        table.exec(s);
      }
      if (i % 7 == 0) table.end(s.pid, s.time_ms);
    }
  }
  CHECK(test::counted_memory().allocations == before);
  CHECK(table.counters().created.value() > 30'000);
}

}  // namespace sorrel::enrich
