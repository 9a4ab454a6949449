#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/user_db.h"
#include "ruleset/desired_state.h"
#include "ruleset/finding.h"
#include "ruleset/optimize_options.h"
#include "ruleset/rule.h"
#include "ruleset/target.h"

namespace sorrel::ruleset {

// The host that this runs on, as rules are compiled for it: its architecture, kernel, users, and
// what lies at a path now. Neither copied nor moved: the target refers to the rest.
class HostTarget final : private PathProbe {
 public:
  // A user database that cannot be read leaves numbers and root.
  HostTarget();
  HostTarget(const HostTarget&) = delete;
  HostTarget& operator=(const HostTarget&) = delete;

  const Target& target() const noexcept { return target_; }

 private:
  PathKind kind(const std::string& path) const override;

  std::optional<host::UserDb> users_;
  Target target_;
};

// What rules files ask for on one host.
struct WantedRules {
  std::vector<Rule> rules;
  DesiredState state;  // the settings; where each rule was written
  Findings findings;
  std::vector<std::string> files;  // by Place::file
};

// Reads files, folders and "-" one after the other, as if they were one file; `options` says which
// changes of them save time (see optimize()). What is wrong within
// them is in the findings, and left out of the rules. Errors: a path cannot be read.
Result<WantedRules> wanted_rules(std::span<const std::string> paths, const Target& target,
                                 const OptimizeOptions& options = OptimizeOptions::none());

}  // namespace sorrel::ruleset
