#include "sorreld/rule_source.h"

#include <utility>

#include "base/log.h"
#include "ruleset/text.h"
#include "ruleset/wanted_rules.h"

namespace sorrel::agent {

Result<RuleKeeper::Wanted> read_rules(const config::RulesOptions& options) {
  const ruleset::HostTarget host;
  auto wanted = ruleset::wanted_rules(options.paths, host.target(),
                                      {.narrow_folders = options.narrow_folders,
                                       .merge = options.merge,
                                       .never_first = options.never_first});
  if (!wanted) return Unexpected<Error>(std::move(wanted).error());
  const ruleset::Finding* first_error = nullptr;
  for (const ruleset::Finding& finding : wanted->findings.all()) {
    if (finding.severity == ruleset::Severity::error) {
      if (first_error == nullptr) first_error = &finding;
      continue;
    }
    log(Level::warning, "audit rules", {{"finding", finding_text(finding, wanted->files)}});
  }
  if (first_error == nullptr) {
    RuleKeeper::Wanted all{std::move(wanted->rules), wanted->state.settings,
                           std::move(wanted->state.actions)};
    // sorreld reads these counters itself, to tell what was lost.
    all.actions.reset_lost = false;
    all.actions.reset_wait_time_actual = false;
    return all;
  }
  return fail(std::errc::invalid_argument,
              finding_text(*first_error, wanted->files) + " (errors in all: " +
                  std::to_string(wanted->findings.errors()) + "; see sorrelctl rules check)");
}

std::string print_rule(const ruleset::Rule& rule) {
  return ruleset::rule_text(rule, ruleset::Target{});
}

}  // namespace sorrel::agent
