#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ruleset/optimize_options.h"
#include "ruleset/settings.h"

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
  ruleset::OptimizeOptions optimize;  // what is off here is off, whatever the configuration says
  bool help = false;
};

inline constexpr const char* kDefaultRules = "/etc/audit/rules.d";

// Errors: an option that `command` ("apply", "diff", "list") does not have.
Result<KernelRulesOptions> parse_kernel_rules_options(int argc, char** argv);

struct WantedFiles {
  std::vector<std::string> paths;
  ruleset::OptimizeOptions optimize;
  ruleset::SettingValues settings;  // of the configuration's section kernel
};

// What --rules names; else the `rules: paths:` of the configuration, and its settings; else
// kDefaultRules. Errors: the configuration is there and cannot be read.
Result<WantedFiles> wanted_files(const KernelRulesOptions& options);

}  // namespace sorrel::sorrelctl
