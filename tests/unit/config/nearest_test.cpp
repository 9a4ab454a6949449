#include "config/nearest.h"

#include "catch.h"

namespace sorrel::config {

TEST_CASE("the nearest name is found through the usual slips", "[config]") {
  const std::vector<std::string_view> names = {
      "heartbeat", "heartbeat_after_stall", "timeout", "read_users", "read_groups", "mode", "on",
      "no"};
  struct Row {
    std::string_view word;
    std::string_view expected;
  };
  const Row rows[] = {
      {"heartbaet", "heartbeat"},     // two letters swapped
      {"heartbea", "heartbeat"},      // one missing
      {"heartbeats", "heartbeat"},    // one too many
      {"Heartbeat", "heartbeat"},     // case
      {"read-users", "read_users"},   // LAUREL's spelling
      {"readgroups", "read_groups"},  // no separator
      {"mod", "mode"},
      {"timeuot", "timeout"},
      {"time", ""},     // three letters of seven are missing
      {"retries", ""},  // nothing near
      {"x", ""},        // all of a name would have to be replaced
      {"", ""},
      {"o", "on"},
      {std::string_view("heartbeat\0", 10), "heartbeat"},
  };
  for (const Row& row : rows) {
    INFO(row.word);
    CHECK(nearest(row.word, names) == row.expected);
  }
}

TEST_CASE("the nearest of names at equal distance is the first", "[config]") {
  CHECK(nearest("max_byte", {"max_bytes", "max_byted"}) == "max_bytes");
}

TEST_CASE("a word that is too long has no nearest name", "[config]") {
  const std::string long_word(100'000, 'a');
  CHECK(nearest(long_word, {"a", long_word}).empty());
}

}  // namespace sorrel::config
