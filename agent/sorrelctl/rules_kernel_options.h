#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace sorrel::sorrelctl {

// The options of rules apply, diff and list.
struct KernelRulesOptions {
  std::vector<std::string> paths;  // of --rules; none: the configuration's, or kDefaultRules
  std::string config = "/etc/sorrel/sorrel.yaml";
  bool check = false;
  bool json = false;
  bool resolve = false;
  bool keep_foreign = false;
  bool written_form = true;
  bool help = false;
};

inline constexpr const char* kDefaultRules = "/etc/audit/rules.d";

// Errors: an option that `command` ("apply", "diff", "list") does not have.
Result<KernelRulesOptions> parse_kernel_rules_options(int argc, char** argv);

// What --rules names; else the `rules: paths:` of the configuration; else kDefaultRules. Errors:
// the configuration is there and cannot be read.
Result<std::vector<std::string>> rule_paths(const KernelRulesOptions& options);

}  // namespace sorrel::sorrelctl
