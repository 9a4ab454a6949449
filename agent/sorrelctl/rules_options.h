#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ruleset/fields.h"
#include "ruleset/optimize_options.h"

namespace sorrel::sorrelctl {

enum class RulesFormat : unsigned char { text, json, hex };

// What the commands have in common that read rules and need no kernel.
struct RulesOptions {
  std::optional<std::uint32_t> arch;             // default: this machine's
  std::optional<ruleset::KernelVersion> kernel;  // default: this machine's
  std::string root = "/";                        // whose users and folders are meant
  bool strict = false;
  bool resolve = false;
  bool help = false;
  RulesFormat format = RulesFormat::text;
  std::string attack = "/usr/share/sorrel/rules/attack.yaml";  // of explain
  std::size_t top = 10;                                        // of cost: rules that are named
  std::vector<std::string> calls;                              // of cost: shown as well
  std::vector<std::string> rules;                              // of test
  ruleset::OptimizeOptions optimize;                           // of cost and explain
  std::vector<std::string> paths;
};

// Errors: an option that is not known or has no valid value, or no path at all.
Result<RulesOptions> parse_rules_options(int argc, char** argv);

}  // namespace sorrel::sorrelctl
