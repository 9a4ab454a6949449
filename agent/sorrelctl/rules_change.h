#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "rules_json.h"
#include "rules_kernel_options.h"
#include "ruleset/apply.h"
#include "ruleset/netlink_rule_kernel.h"
#include "ruleset/rule_path.h"
#include "ruleset/wanted_rules.h"

// What rules apply, diff and list have in common: they ask this host's kernel.
namespace sorrel::sorrelctl {

// Everything a command needs of this host.
struct KernelHost {
  SystemClock clock;
  ruleset::HostTarget host;
  ruleset::SystemHostPaths paths;
  std::unique_ptr<ruleset::NetlinkRuleKernel> kernel;

  // Errors: no audit here.
  Status open();
  std::string print(const ruleset::Rule& rule, bool resolve = false) const;
  RulePrinter printer() const {
    return [this](const ruleset::Rule& rule) { return print(rule); };
  }
};

// The options, or the exit status when there is nothing to run.
std::optional<KernelRulesOptions> begin_kernel_rules(int argc, char** argv, const char* help,
                                                     int& status);

// A line to standard output, or standard error ("sorrelctl rules COMMAND: ..."); what a terminal
// would not show as it is, is escaped. fail_with() returns `status`.
void put(const std::string& text);
int fail_with(const char* command, const std::string& message, int status);

// What was wanted, and what came of it.
struct RulesChange {
  std::vector<ruleset::Rule> wanted;
  ruleset::ApplyReport report;
};

// Reads the files, tells every finding on standard error, and applies, as `how` says. Errors: the
// files cannot be read or have errors (nothing was changed: half of a ruleset is not what anybody
// wants); the kernel cannot be asked.
Result<RulesChange> change_rules(const char* command, KernelHost& host,
                                 const KernelRulesOptions& options, ruleset::ApplyOptions how);

// For people: rules that wait for their path.
void show_pending(const ruleset::ApplyReport& report, const KernelHost& host);

}  // namespace sorrel::sorrelctl
