#pragma once

#include <string>

#include "base/result.h"
#include "config/options.h"
#include "ruleset/rule.h"
#include "sorreld/rule_keeper.h"

namespace sorrel::agent {

// The rules and settings of the configured files, compiled for this host. Warnings are logged.
// Errors: the first thing that is wrong with a file, with its place; how many there are.
Result<RuleKeeper::Wanted> read_rules(const config::RulesOptions& options);

// As auditctl -l has it.
std::string print_rule(const ruleset::Rule& rule);

}  // namespace sorrel::agent
