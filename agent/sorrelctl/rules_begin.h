#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "rules_options.h"
#include "rules_reading.h"

// How the commands begin and end that read rules and need no kernel.
namespace sorrel::sorrelctl {

inline constexpr int kExitRuleErrors = 2;

// "sorrelctl rules COMMAND: ..." on standard error. Returns the exit status of wrong usage.
int fail_rules(const char* command, const std::string& message);

// The options; or nothing, when they are wrong or help was asked for: `status` is then the exit
// status.
std::optional<RulesOptions> begin_rules(const char* command, const char* help,
                                        Result<RulesOptions> parsed, int& status);

// `out` to standard output, the findings to standard error. Returns the exit status.
int end_rules(const std::string& out, const ReadRules& read);

}  // namespace sorrel::sorrelctl
