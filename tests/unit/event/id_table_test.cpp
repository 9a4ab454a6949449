#include "event/id_table.h"

#include <map>
#include <random>

#include "catch.h"

namespace sorrel::event {
namespace {

// Few values, half of them with the same low bits, so that keys come again and share their places.
std::uint64_t random_hash(std::mt19937& random) {
  const std::uint64_t home = random() % 8;
  return home | std::uint64_t{random() % 20} << (random() % 2 == 0 ? 8 : 40);
}

}  // namespace

TEST_CASE("an id table finds what was put in and nothing else", "[id_table]") {
  IdTable table(4);
  const EventId id{.seconds = 1, .serial = 2, .milliseconds = 3};
  const std::uint64_t hash = event_hash(id, 0);
  CHECK(table.find(hash) == IdTable::kNotFound);
  table.insert(hash, 7);
  CHECK(table.find(hash) == 7);
  CHECK(table.find(event_hash(id, 1)) == IdTable::kNotFound);
  CHECK(table.find(event_hash({.seconds = 1, .serial = 3, .milliseconds = 3}, 0)) ==
        IdTable::kNotFound);
  table.erase(event_hash(id, 1));
  CHECK(table.size() == 1);
  table.erase(hash);
  CHECK(table.size() == 0);
  CHECK(table.find(hash) == IdTable::kNotFound);
}

TEST_CASE("an id table does what a map does", "[id_table][property]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const std::size_t max_entries : {1u, 5u, 60u}) {
    IdTable table(max_entries);
    std::map<std::uint64_t, std::uint32_t> map;
    for (std::uint32_t i = 0; i < 30'000; ++i) {
      const std::uint64_t hash = random_hash(random);
      const auto found = map.find(hash);
      const std::uint32_t expected = found == map.end() ? IdTable::kNotFound : found->second;
      REQUIRE(table.find(hash) == expected);
      if (random() % 2 == 0) {
        table.erase(hash);
        map.erase(hash);
      } else if (found == map.end() && map.size() < max_entries) {
        table.insert(hash, i);
        map.emplace(hash, i);
      }
      REQUIRE(table.size() == map.size());
    }
    for (const auto& [hash, slot] : map) CHECK(table.find(hash) == slot);
  }
}

}  // namespace sorrel::event
