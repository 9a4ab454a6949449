#include "ruleset/diff.h"

#include <string>
#include <vector>

#include "catch.h"
#include "rule_samples.h"
#include "ruleset/rule_form.h"

using namespace sorrel;
using namespace sorrel::ruleset;

namespace {

const Rule kA = call_rule({1}, 1, "a");
const Rule kB = call_rule({2}, 2, "b");
const Rule kC = watch_rule("/c", "c");
const Rule kD = bare_rule(4, "d");
const Rule kE = bare_rule(5, "e");

std::string print_key(const Rule& rule) {
  return rule.list == List::exclude ? std::to_string(rule.fields[0].value)
                                    : rule.fields.back().text;
}

}  // namespace

TEST_CASE("what is loaded as wanted is in sync", "[ruleset]") {
  const std::vector<Rule> rules{kA, kB, kC};
  const Diff diff = compare(rules, rules);
  CHECK(diff.in_sync());
  CHECK(diff.is_exact());
  CHECK(summary(diff) == "0 added, 0 removed, 0 moved, 3 unchanged");
  CHECK(unified_view(rules, rules, print_key).empty());
}

TEST_CASE("added, removed and moved rules are told apart", "[ruleset]") {
  const Diff diff = compare(std::vector{kA, kB, kE, kC}, std::vector{kC, kA, kE, kD});
  CHECK(diff.added == std::vector{kD});
  CHECK(diff.removed == std::vector{kB});
  REQUIRE(diff.moved.size() == 1);
  CHECK(diff.moved[0].rule == kC);
  CHECK(diff.moved[0].from == 3);
  CHECK(diff.moved[0].to == 0);
  CHECK(diff.unchanged == 2);
}

TEST_CASE("a twin is no difference, yet named", "[ruleset]") {
  const Rule twin = *free_form(kA, true, [](const Rule&) { return true; });
  const Diff diff = compare(std::vector{twin, kB}, std::vector{kA, kB});
  CHECK(diff.in_sync());
  CHECK_FALSE(diff.is_exact());
  REQUIRE(diff.other_form.size() == 1);
  CHECK(diff.other_form[0].loaded == twin);
  CHECK(summary(diff) == "0 added, 0 removed, 0 moved, 2 unchanged (1 in another form)");
}

TEST_CASE("a rule that is loaded twice has one too many", "[ruleset]") {
  const Diff diff = compare(std::vector{kA, kB, kA}, std::vector{kA, kB});
  CHECK(diff.removed == std::vector{kA});
}

TEST_CASE("the order of excluded types is no difference", "[ruleset]") {
  CHECK(compare(std::vector{exclude_rule(1300), exclude_rule(1305)},
                std::vector{exclude_rule(1305), exclude_rule(1300)})
            .is_exact());
}

TEST_CASE("the unified view is diff's", "[ruleset]") {
  CHECK(unified_view(std::vector{kA, kB, kE, kC, exclude_rule(1300)},
                     std::vector{kC, kA, kE, kD, exclude_rule(1305)}, print_key) ==
        "--- loaded\n+++ wanted\n"
        "@@ -1,4 +1,4 @@ exit\n+c\n a\n-b\n e\n-c\n+d\n"
        "@@ -1,1 +1,1 @@ exclude\n-1300\n+1305\n");
}

TEST_CASE("the unified view keeps three lines of context", "[ruleset]") {
  std::vector<Rule> loaded;
  for (unsigned n = 0; n < 20; ++n) {
    loaded.push_back(bare_rule(n, std::string(1, static_cast<char>('a' + n))));
  }
  std::vector<Rule> wanted = loaded;
  wanted.erase(wanted.begin() + 5);
  wanted.push_back(bare_rule(30, "z"));
  CHECK(unified_view(loaded, wanted, print_key) ==
        "--- loaded\n+++ wanted\n"
        "@@ -3,7 +3,6 @@ exit\n c\n d\n e\n-f\n g\n h\n i\n"
        "@@ -18,3 +17,4 @@ exit\n r\n s\n t\n+z\n");
  CHECK(unified_view({}, std::vector{kA}, print_key) ==
        "--- loaded\n+++ wanted\n@@ -0,0 +1,1 @@ exit\n+a\n");
}
