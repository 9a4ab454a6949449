#include "ruleset/rule_form.h"

#include <linux/audit.h>

#include <algorithm>
#include <vector>

#include "catch.h"
#include "rule_samples.h"

using namespace sorrel;
using namespace sorrel::ruleset;

namespace {

constexpr auto kAnyForm = [](const Rule&) { return true; };

Rule twin_of(const Rule& rule) {
  const auto twin = free_form(rule, true, kAnyForm);
  REQUIRE(twin);
  CHECK(exact_key(*twin) != exact_key(rule));
  CHECK(meaning_key(*twin) == meaning_key(rule));
  return *twin;
}

}  // namespace

TEST_CASE("a rule that is free goes as it is written", "[ruleset]") {
  const Rule rule = call_rule({1}, 1, "a");
  CHECK(free_form(rule, false, kAnyForm) == rule);
}

TEST_CASE("the twin of a rule for system calls repeats its arch", "[ruleset]") {
  const Rule twin = twin_of(call_rule({1}, 1, "a"));
  CHECK(std::ranges::count(twin.fields, AUDIT_ARCH, &Field::id) == 2);
}

TEST_CASE("the twin of a watch has perm first", "[ruleset]") {
  const Rule twin = twin_of(watch_rule("/etc/passwd", "a"));
  CHECK(twin.fields[0].id == AUDIT_PERM);
  CHECK(twin.fields[1].id == AUDIT_WATCH);
}

TEST_CASE("other rules get a comparison that always holds", "[ruleset]") {
  CHECK(twin_of(bare_rule(1, "a")).fields.back().id == AUDIT_PID);
  CHECK(twin_of(exclude_rule(1300)).fields.back().id == AUDIT_PID);
  // The filesystem list knows no pid.
  CHECK(twin_of(filesystem_rule(1)).fields.back().id == AUDIT_FSTYPE);
}

TEST_CASE("a rule with as many fields as fit gets another order of them", "[ruleset]") {
  Rule rule = call_rule({1}, 1, "a");
  for (std::uint32_t n = 100; rule.fields.size() < Rule::kMaxFields; ++n) {
    rule.fields.push_back({.id = AUDIT_ARG0, .op = Op::not_equal, .value = n});
  }
  CHECK(twin_of(rule).fields.size() == Rule::kMaxFields);
}

TEST_CASE("identity is the kernel's: order counts, the bits of call classes do not", "[ruleset]") {
  Rule watch = watch_rule("/etc/passwd", "a");
  Rule listed = watch;
  listed.mask.back() = 0x0000ffff;
  CHECK(exact_key(watch) == exact_key(listed));
  std::ranges::reverse(listed.fields);
  CHECK(exact_key(watch) != exact_key(listed));
  CHECK(meaning_key(watch) == meaning_key(listed));
  Rule other = watch;
  other.fields.back().text = "b";
  CHECK(meaning_key(watch) != meaning_key(other));
}

TEST_CASE("another action, list, call or operator is another meaning", "[ruleset]") {
  const Rule rule = call_rule({1}, 1, "a");
  Rule other = rule;
  other.action = Action::never;
  CHECK(meaning_key(rule) != meaning_key(other));
  other = rule;
  other.list = List::io_uring;
  CHECK(meaning_key(rule) != meaning_key(other));
  other = rule;
  other.mask[5] = 1;
  CHECK(meaning_key(rule) != meaning_key(other));
  other = rule;
  other.fields[1].op = Op::not_equal;
  CHECK(meaning_key(rule) != meaning_key(other));
}
