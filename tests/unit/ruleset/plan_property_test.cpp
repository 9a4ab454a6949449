// The plan against a model of the kernel's matching: random rules, random later versions of them,
// random events; after every step every event has the verdict of before or of after.

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "model_kernel.h"
#include "rule_samples.h"
#include "ruleset/diff.h"
#include "ruleset/plan.h"
#include "wrong_planners.h"

using namespace sorrel;
using namespace sorrel::ruleset;

namespace {

// Of one case; SORREL_SEED repeats a run.
std::uint32_t first_seed() {
  const char* const set = std::getenv("SORREL_SEED");
  return set != nullptr ? static_cast<std::uint32_t>(std::strtoul(set, nullptr, 10)) : 20'260'101;
}

struct Case {
  std::vector<Rule> loaded;  // as the kernel lists it
  std::vector<Rule> wanted;
  std::vector<ModelEvent> events;
};

// `may_have_copies`: loaded rules may be there twice, as a foreign program can have it.
Case random_case(std::uint32_t seed, bool may_have_copies) {
  std::mt19937 random(seed);
  Case made;
  const std::vector<Rule> before = random_rules(random, random() % 12);
  ModelKernel kernel;
  kernel.rules = effective_order(before);
  if (may_have_copies && !kernel.rules.empty()) {
    Rule copy = kernel.rules[random() % kernel.rules.size()];
    copy.prepend = true;
    REQUIRE(kernel.add(copy));
  }
  made.loaded = *kernel.list();
  made.wanted = random() % 4 == 0 ? random_rules(random, random() % 12) : edited(random, before);
  for (int n = 0; n < 60; ++n) made.events.push_back(random_event(random));
  return made;
}

// What is wrong with `steps`; empty: nothing.
std::string fault(const Case& given, const std::vector<Step>& steps) {
  const std::vector<Rule> after = effective_order(given.wanted);
  ModelKernel kernel;
  kernel.rules = given.loaded;
  std::size_t number = 0;
  for (const Step& step : steps) {
    ++number;
    const Status done =
        step.kind == StepKind::add ? kernel.add(step.rule) : kernel.remove(step.rule);
    if (!done) return "step " + std::to_string(number) + " fails: " + done.error().message;
    for (const ModelEvent& event : given.events) {
      const std::string now = verdict(kernel.rules, event);
      if (now == verdict(given.loaded, event) || now == verdict(after, event)) continue;
      return "a mixture after step " + std::to_string(number);
    }
  }
  if (!compare(*kernel.list(), given.wanted).in_sync()) return "the result is not what is wanted";
  return "";
}

}  // namespace

TEST_CASE("at every step every event has the old or the new verdict", "[ruleset]") {
  const std::uint32_t seed = first_seed();
  for (std::uint32_t n = 0; n < 1'500; ++n) {
    const Case given = random_case(seed + n, n % 5 == 0);
    const auto plan = plan_change(given.loaded, given.wanted);
    REQUIRE(plan);
    INFO("SORREL_SEED=" << seed + n);
    REQUIRE(fault(given, plan->steps) == "");
  }
}

TEST_CASE("passes to the written form keep every verdict and end there", "[ruleset]") {
  const std::uint32_t seed = first_seed();
  for (std::uint32_t n = 0; n < 500; ++n) {
    Case given = random_case(seed + n, n % 5 == 0);
    INFO("SORREL_SEED=" << seed + n);
    std::size_t passes = 0;
    for (bool exact = false; !compare(given.loaded, given.wanted).is_exact(); exact = true) {
      REQUIRE(++passes <= 3);
      const auto plan = plan_change(given.loaded, given.wanted,
                                    {.exact_form = exact, .exact_form_follows = true});
      REQUIRE(plan);
      REQUIRE(fault(given, plan->steps) == "");
      ModelKernel kernel;
      kernel.rules = given.loaded;
      for (const Step& step : plan->steps) {
        REQUIRE((step.kind == StepKind::add ? kernel.add(step.rule) : kernel.remove(step.rule)));
      }
      given.loaded = *kernel.list();
    }
  }
}

TEST_CASE("a change that stops at any step is healed by the next plan", "[ruleset]") {
  const std::uint32_t seed = first_seed();
  for (std::uint32_t n = 0; n < 100; ++n) {
    const Case given = random_case(seed + n, false);
    INFO("SORREL_SEED=" << seed + n);
    const auto plan = plan_change(given.loaded, given.wanted);
    REQUIRE(plan);
    for (std::size_t stop = 0; stop <= plan->steps.size(); ++stop) {
      ModelKernel kernel;
      kernel.rules = given.loaded;
      for (std::size_t at = 0; at < stop; ++at) {
        const Step& step = plan->steps[at];
        REQUIRE((step.kind == StepKind::add ? kernel.add(step.rule) : kernel.remove(step.rule)));
      }
      const Case broken{*kernel.list(), given.wanted, given.events};
      const auto rest = plan_change(broken.loaded, broken.wanted);
      REQUIRE(rest);
      REQUIRE(fault(broken, rest->steps) == "");
    }
  }
}

TEST_CASE("the property catches planners that are wrong", "[ruleset]") {
  for (const WrongPlanner& wrong : wrong_planners()) {
    const std::uint32_t seed = first_seed();
    std::string caught;
    for (std::uint32_t n = 0; n < 4'000 && caught.empty(); ++n) {
      const Case given = random_case(seed + n, false);
      caught = fault(given, wrong.plan(given.loaded, given.wanted));
      if (!caught.empty()) caught += " with SORREL_SEED=" + std::to_string(seed + n);
    }
    INFO("a planner that " << wrong.name);
    CHECK(!caught.empty());
  }
}
