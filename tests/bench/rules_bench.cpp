// What a change of rules costs before the kernel is asked: our rules checked, and 500 of them
// planned when nothing is to change. CPU time; the rules are read from files, their paths looked up
// below /. Prints one line: rules=N check_ms=N plan_ms=N.
#include <cstdio>
#include <string>
#include <vector>

#include "common.h"
#include "measure.h"
#include "ruleset/compiler.h"
#include "ruleset/desired_state.h"
#include "ruleset/lint.h"
#include "ruleset/plan.h"
#include "ruleset/rule_files.h"
#include "sorrelctl/rules_host.h"

namespace sorrel::bench {
namespace {

constexpr std::size_t kRules = 500;

struct Read {
  ruleset::Script script;
  ruleset::Findings findings;
  ruleset::DesiredState state;
};

Read read(const std::vector<std::string>& files, const ruleset::Target& target) {
  Read all;
  for (const std::string& file : files) {
    const Status status = ruleset::read_rules(file, all.script, all.findings);
    if (!status) give_up(status.error().to_string());
  }
  all.state =
      ruleset::desired_state(ruleset::compile(all.script, target, all.findings), all.findings);
  return all;
}

std::vector<ruleset::Rule> rules_of(const Read& all) {
  std::vector<ruleset::Rule> rules;
  for (const ruleset::PlacedRule& one : all.state.rules) {
    if (rules.size() < kRules) rules.push_back(one.rule);
  }
  return rules;
}

void run() {
  const auto files = or_exit(ruleset::list_rule_files(SORREL_TEST_DIR "/../rules/audit"));
  sorrelctl::RulesOptions options;
  sorrelctl::RulesHost host(options);
  if (!host.load()) give_up("the users of / cannot be read");
  const std::vector<ruleset::Rule> rules = rules_of(read(files, host.target()));
  if (rules.size() != kRules) give_up("rules/audit has fewer than 500 rules");
  std::size_t checked = 0;
  const double check_ns = cpu_ns_of([&] {
    Read all = read(files, host.target());
    ruleset::lint({all.script, all.state, host.target()}, all.findings);
    checked = all.state.rules.size();
    use(all.findings.notes());
  });
  const double plan_ns = cpu_ns_of([&] {
    const auto plan = ruleset::plan_change(rules, rules);
    if (!plan || !plan->empty()) give_up("what is loaded already is changed");
    use(plan->kept);
  });
  // Of the whole set, for 500 of its rules.
  std::printf("rules=%zu check_ms=%.2f plan_ms=%.2f\n", kRules,
              check_ns / 1e6 * static_cast<double>(kRules) / static_cast<double>(checked),
              plan_ns / 1e6);
}

}  // namespace
}  // namespace sorrel::bench

int main() {
  sorrel::bench::run();
  return 0;
}
