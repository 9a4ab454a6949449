#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/options.h"
#include "ruleset/rule.h"

namespace sorrel::agent {

// The rules of the configured files, compiled for this host. Warnings are logged. Errors: the first
// thing that is wrong with a file, with its place; how many there are.
Result<std::vector<ruleset::Rule>> read_rules(const config::RulesOptions& options);

// As auditctl -l has it.
std::string print_rule(const ruleset::Rule& rule);

}  // namespace sorrel::agent
