#include "input/rotation_order.h"

#include <algorithm>

#include "catch.h"
#include "support.h"

namespace sorrel::input {
namespace {

using Paths = std::vector<std::string>;

TEST_CASE("files come in the order in which they were written", "[rotation_order]") {
  const struct {
    const char* rule;
    Paths given;
    Paths expected;
  } rows[] = {
      {"nothing", {}, {}},
      {"one", {"audit.log"}, {"audit.log"}},
      {"numbers descend, not as text",
       {"audit.log", "audit.log.1", "audit.log.10", "audit.log.2", "audit.log.9"},
       {"audit.log.10", "audit.log.9", "audit.log.2", "audit.log.1", "audit.log"}},
      {"packed ones count by their number",
       {"audit.log.1", "audit.log.3.gz", "audit.log.4.zst", "audit.log.2.xz"},
       {"audit.log.4.zst", "audit.log.3.gz", "audit.log.2.xz", "audit.log.1"}},
      {"dates ascend, the current file is last",
       {"a.log", "a.log-20240201", "a.log-20240131.gz", "a.log.20231231"},
       {"a.log.20231231", "a.log-20240131.gz", "a.log-20240201", "a.log"}},
      {"dates before numbers", {"a.1", "a-20240101", "a"}, {"a-20240101", "a.1", "a"}},
      {"unrelated names keep their order", {"b.log", "a.log", "c"}, {"b.log", "a.log", "c"}},
      {"a family stands where its first member stood",
       {"x/audit.log", "other", "x/audit.log.1", "y/audit.log.1", "y/audit.log"},
       {"x/audit.log.1", "x/audit.log", "other", "y/audit.log.1", "y/audit.log"}},
      {"folders make families", {"y/a.log", "x/a.log.1"}, {"y/a.log", "x/a.log.1"}},
      {"twice is once", {"a", "b", "a", "-", "-"}, {"a", "b", "-"}},
      {"a number that is no suffix", {"host2", "host1", "7", ".5"}, {"host2", "host1", "7", ".5"}},
      {"a number in the middle",
       {"host.2.audrec", "host.1.audrec"},
       {"host.2.audrec", "host.1.audrec"}},
      {"more digits than any suffix has",
       {"a.1", "a.123456789012345678901234567890"},
       {"a.1", "a.123456789012345678901234567890"}},
      {"leading zeros", {"a.001", "a.002", "a"}, {"a.002", "a.001", "a"}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.rule);
    auto ordered = rotation_order(row.given);
    REQUIRE(ordered);
    CHECK(*ordered == row.expected);
  }
}

TEST_CASE("every order given becomes the same order", "[rotation_order]") {
  const Paths expected{"d/audit.log.11.gz", "d/audit.log.10", "d/audit.log.2", "d/audit.log.1",
                       "d/audit.log"};
  Paths given = expected;
  std::sort(given.begin(), given.end());
  int orders = 0;
  do {
    auto ordered = rotation_order(given);
    REQUIRE(ordered);
    REQUIRE(*ordered == expected);
    ++orders;
  } while (std::next_permutation(given.begin(), given.end()));
  CHECK(orders == 120);
}

TEST_CASE("a folder stands for the audit logs in it", "[rotation_order]") {
  const test::TempFolder folder;
  for (const char* name : {"audit.log", "audit.log.1", "audit.log.2.gz", "audit.log-20240101",
                           "audit.logs", "audit.log.old", "other.log", "audit.log.1.bak"}) {
    folder.write(name, "");
  }
  std::filesystem::create_directory(folder.path("audit.log.7"));
  auto ordered = rotation_order({folder.path(), "after.log"});
  REQUIRE(ordered);
  CHECK(*ordered == Paths{folder.path("audit.log-20240101"), folder.path("audit.log.2.gz"),
                          folder.path("audit.log.1"), folder.path("audit.log"), "after.log"});
}

TEST_CASE("a folder without audit logs is an error that names it", "[rotation_order]") {
  const test::TempFolder folder;
  folder.write("messages", "");
  auto ordered = rotation_order({folder.path()});
  REQUIRE_FALSE(ordered);
  CHECK(ordered.error().message.find(folder.path()) == 0);
}

}  // namespace
}  // namespace sorrel::input
