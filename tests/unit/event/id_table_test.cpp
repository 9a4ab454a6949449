#include "event/id_table.h"

#include <map>
#include <random>
#include <utility>
#include <vector>

#include "catch.h"

namespace sorrel::event {
namespace {

using Key = std::pair<EventId, std::uint32_t>;

// Few stamps and serials, so that keys come again and share their places.
Key random_key(std::mt19937& random) {
  const EventId id{.seconds = random() % 3,
                   .serial = random() % 40,
                   .milliseconds = static_cast<std::uint16_t>(random() % 2)};
  return {id, static_cast<std::uint32_t>(random() % 2)};
}

}  // namespace

TEST_CASE("an id table finds what was put in and nothing else", "[id_table]") {
  IdTable table(4);
  const EventId id{.seconds = 1, .serial = 2, .milliseconds = 3};
  CHECK(table.find(id, 0) == IdTable::kNotFound);
  table.insert(id, 0, 7);
  CHECK(table.find(id, 0) == 7);
  CHECK(table.find(id, 1) == IdTable::kNotFound);
  CHECK(table.find({.seconds = 1, .serial = 3, .milliseconds = 3}, 0) == IdTable::kNotFound);
  table.erase(id, 1);
  CHECK(table.size() == 1);
  table.erase(id, 0);
  CHECK(table.size() == 0);
  CHECK(table.find(id, 0) == IdTable::kNotFound);
}

TEST_CASE("an id table does what a map does", "[id_table][property]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const std::size_t max_entries : {1u, 5u, 60u}) {
    IdTable table(max_entries);
    std::map<Key, std::uint32_t> map;
    for (std::uint32_t i = 0; i < 30'000; ++i) {
      const Key key = random_key(random);
      const auto found = map.find(key);
      const std::uint32_t expected = found == map.end() ? IdTable::kNotFound : found->second;
      REQUIRE(table.find(key.first, key.second) == expected);
      if (random() % 2 == 0) {
        table.erase(key.first, key.second);
        map.erase(key);
      } else if (found == map.end() && map.size() < max_entries) {
        table.insert(key.first, key.second, i);
        map.emplace(key, i);
      }
      REQUIRE(table.size() == map.size());
    }
    for (const auto& [key, slot] : map) CHECK(table.find(key.first, key.second) == slot);
  }
}

}  // namespace sorrel::event
