#include "wrong_planners.h"

#include <algorithm>
#include <iterator>

#include "ruleset/rule_form.h"

namespace sorrel::ruleset {
namespace {

using Rules = std::vector<Rule>;
using Steps = std::vector<Step>;

Steps right(const Rules& loaded, const Rules& wanted) {
  const auto plan = plan_change(loaded, wanted);
  return plan ? plan->steps : Steps{};
}

Steps only(const Steps& steps, StepKind kind) {
  Steps chosen;
  std::ranges::copy_if(steps, std::back_inserter(chosen),
                       [kind](const Step& step) { return step.kind == kind; });
  return chosen;
}

Steps joined(Steps first, const Steps& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Steps first_to_last(const Rules& loaded, const Rules& wanted) {
  Steps deletions = only(right(loaded, wanted), StepKind::remove);
  std::ranges::reverse(deletions);
  return joined(only(right(loaded, wanted), StepKind::add), deletions);
}

Steps delete_then_add(const Rules& loaded, const Rules& wanted) {
  Steps steps;
  for (const Rule& rule : loaded) steps.push_back({.kind = StepKind::remove, .rule = rule});
  for (const Rule& rule : effective_order(wanted)) {
    steps.push_back({.kind = StepKind::add, .rule = rule});
  }
  return steps;
}

// Adds what is wanted as it is written, whether or not it is loaded.
Steps identical_twins(const Rules& loaded, const Rules& wanted) {
  Steps steps;
  for (const Rule& rule : effective_order(wanted)) {
    steps.push_back({.kind = StepKind::add, .rule = rule});
  }
  for (auto rule = loaded.rbegin(); rule != loaded.rend(); ++rule) {
    steps.push_back({.kind = StepKind::remove, .rule = *rule});
  }
  return steps;
}

Steps prepend(const Rules& loaded, const Rules& wanted) {
  Steps additions = only(right(loaded, wanted), StepKind::add);
  for (Step& step : additions) step.rule.prepend = true;
  std::ranges::reverse(additions);
  return joined(additions, only(right(loaded, wanted), StepKind::remove));
}

// The right steps, but what goes is deleted before what comes is added.
Steps deletions_first(const Rules& loaded, const Rules& wanted) {
  const Steps steps = right(loaded, wanted);
  return joined(only(steps, StepKind::remove), only(steps, StepKind::add));
}

// Compares sets: what both have stays where it is, whatever the order.
Steps set_difference(const Rules& loaded, const Rules& wanted) {
  const auto has = [](const Rules& rules, const Rule& rule) {
    return std::ranges::any_of(
        rules, [&](const Rule& other) { return meaning_key(other) == meaning_key(rule); });
  };
  Steps steps;
  for (const Rule& rule : effective_order(wanted)) {
    if (!has(loaded, rule)) steps.push_back({.kind = StepKind::add, .rule = rule});
  }
  for (auto rule = loaded.rbegin(); rule != loaded.rend(); ++rule) {
    if (!has(wanted, *rule)) steps.push_back({.kind = StepKind::remove, .rule = *rule});
  }
  return steps;
}

}  // namespace

std::vector<WrongPlanner> wrong_planners() {
  return {{"deletes first to last", first_to_last},    {"deletes all, then adds", delete_then_add},
          {"adds identical twins", identical_twins},   {"puts the new rules at the front", prepend},
          {"deletes before it adds", deletions_first}, {"compares sets", set_difference}};
}

}  // namespace sorrel::ruleset
