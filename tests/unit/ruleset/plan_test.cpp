#include "ruleset/plan.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "catch.h"
#include "model_kernel.h"
#include "rule_samples.h"
#include "ruleset/rule_form.h"

using namespace sorrel;
using namespace sorrel::ruleset;

namespace {

const Rule kA = call_rule({1}, 1, "a");
const Rule kB = call_rule({2}, 2, "b");
const Rule kC = watch_rule("/c", "c");
const Rule kD = bare_rule(4, "d");

std::vector<Rule> many(std::size_t count) {
  std::vector<Rule> rules;
  for (std::size_t n = 0; n < count; ++n) {
    const auto number = static_cast<unsigned>(n);
    rules.push_back(n % 2 == 0 ? call_rule({number % 300}, number, "key")
                               : watch_rule("/etc/file" + std::to_string(n), "key"));
  }
  return rules;
}

Plan planned(const std::vector<Rule>& loaded, const std::vector<Rule>& wanted,
             const PlanOptions& options = {}) {
  const auto plan = plan_change(loaded, wanted, options);
  REQUIRE(plan);
  return *plan;
}

std::string names(const Plan& plan) {
  std::string text;
  for (const Step& step : plan.steps) {
    text += step.kind == StepKind::remove ? '-' : step.rule.prepend ? '^' : '+';
    text += step.rule.fields.back().text.empty() ? "x" : step.rule.fields.back().text;
    if (step.is_twin) text += '\'';
  }
  return text;
}

}  // namespace

TEST_CASE("rules that are loaded as wanted need no step", "[ruleset]") {
  CHECK(planned({kA, kB, kC}, {kA, kB, kC}).empty());
  CHECK(planned({}, {}).empty());
}

TEST_CASE("rules at the end are only added", "[ruleset]") {
  std::vector<Rule> wanted = many(500);
  const Plan plan = planned(many(499), wanted);
  CHECK(plan.additions == 1);
  CHECK(plan.deletions == 0);
  CHECK(plan.kept == 499);
}

TEST_CASE("a rule in the midst is taken out without touching the others", "[ruleset]") {
  CHECK(names(planned({kA, kB, kC}, {kA, kC})) == "-b");
}

TEST_CASE("what goes is deleted last to first, after what comes", "[ruleset]") {
  CHECK(names(planned({kA, kB, kC}, {kD})) == "+d-c-b-a");
}

TEST_CASE("one rule at the front is added there", "[ruleset]") {
  CHECK(names(planned({kA, kB, kC}, {kD, kA, kB, kC})) == "^d");
  CHECK(names(planned({kA, kB, kC}, {kC, kA, kB})) == "^c'-c");
}

TEST_CASE("a rule in both tails is added as a twin", "[ruleset]") {
  CHECK(names(planned({kA, kB, kC}, {kA, kD, kB, kC})) == "+d+b'+c'-c-b");
  // Then, in the written form, everything behind the first twin.
  CHECK(names(planned({kA, kB, kC}, {kA, kB, kD, kC}, {.exact_form_follows = true})) == "+d+c'-c");
}

TEST_CASE("additions behind a twin are twins when the written form is to follow", "[ruleset]") {
  const std::vector<Rule> loaded{kA, kB};
  const Rule e = bare_rule(5, "e");
  const std::vector<Rule> wanted{kD, e, kA, kB, kC};
  CHECK(planned(loaded, wanted).twins == 2);
  CHECK(planned(loaded, wanted, {.exact_form_follows = true}).twins == 3);
}

TEST_CASE("where any match decides order is nothing", "[ruleset]") {
  const Rule one = exclude_rule(1300);
  const Rule two = exclude_rule(1305);
  const Rule three = exclude_rule(1309);
  CHECK(planned({one, two}, {two, one}).empty());
  const Plan plan = planned({one, two}, {three, two});
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].kind == StepKind::add);
  CHECK(plan.steps[0].rule == three);
  CHECK(plan.steps[1].rule == one);
  CHECK(planned({filesystem_rule(1), filesystem_rule(2)}, {filesystem_rule(2)}).steps.size() == 1);
}

TEST_CASE("each list is planned for itself", "[ruleset]") {
  CHECK(planned({exclude_rule(1300), kA}, {kA, exclude_rule(1300)}).empty());
}

TEST_CASE("a loaded twin is kept, and replaced only when the written form is asked for",
          "[ruleset]") {
  const Rule twin = *free_form(kB, true, [](const Rule&) { return true; });
  REQUIRE(twin != kB);
  CHECK(planned({kA, twin}, {kA, kB}).empty());
  CHECK(names(planned({kA, twin}, {kA, kB}, {.exact_form = true})) == "+b-b");
}

TEST_CASE("a rule that is loaded in several forms is still added in another", "[ruleset]") {
  std::vector<Rule> loaded{kA};
  for (int n = 0; n < 5; ++n) {
    const auto form = free_form(kA, true, [&](const Rule& rule) {
      return std::ranges::find(loaded, rule) == loaded.end();
    });
    REQUIRE(form);
    loaded.push_back(*form);
  }
  std::vector<Rule> wanted{kD, kB, kA};
  const Plan plan = planned(loaded, wanted);
  CHECK(plan.additions == 3);
  CHECK(plan.deletions == loaded.size());
}

TEST_CASE("copies of a rule, which the kernel takes at the front, go together", "[ruleset]") {
  CHECK(names(planned({kA, kB, kA}, {kB})) == "-a-a");
  CHECK(names(planned({kA, kB, kA}, {kA, kB})) == "^a'-a-a");
}

TEST_CASE("rules for the front stand before the others, the last of them first", "[ruleset]") {
  Rule b = kB;
  Rule c = kC;
  b.prepend = c.prepend = true;
  const std::vector<Rule> wanted{kA, b, c, kD};
  CHECK(effective_order(wanted) == std::vector<Rule>{kC, kB, kA, kD});
  CHECK(planned({kC, kB, kA, kD}, wanted).empty());
}

TEST_CASE("a wanted rule that is written twice counts once", "[ruleset]") {
  const std::vector<Rule> wanted{kA, kB, kA};
  CHECK(effective_order(wanted) == std::vector<Rule>{kA, kB});
}

TEST_CASE("foreign rules are kept where they are when asked", "[ruleset]") {
  const Rule foreign = bare_rule(9, "foreign");
  const std::vector<Rule> loaded{foreign, kA, kB};
  const std::vector<Rule> wanted{kA, kC};
  const std::vector<Rule> own{kA, kB};
  const auto merged = keep_foreign(loaded, wanted, own);
  CHECK(merged == std::vector<Rule>{foreign, kA, kC});
  CHECK(names(planned(loaded, merged)) == "+c-b");
  // Without them everything else goes.
  CHECK(names(planned(loaded, wanted)) == "+c-b-foreign");
}

TEST_CASE("planning 500 rules takes under 5 ms", "[ruleset]") {
  const std::vector<Rule> loaded = many(500);
  std::vector<Rule> wanted = many(500);
  wanted.insert(wanted.begin() + 250, kA);
  wanted.erase(wanted.begin() + 10);
  double best_ms = 1e9;
  for (int run = 0; run < 5; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    const Plan plan = planned(loaded, wanted);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best_ms = std::min(best_ms, took.count());
    CHECK(plan.deletions == 251);
  }
#ifdef NDEBUG
  CHECK(best_ms < 5);
#else
  CHECK(best_ms < 250);  // without optimisation, perhaps with a sanitizer
#endif
  INFO(best_ms);
}
