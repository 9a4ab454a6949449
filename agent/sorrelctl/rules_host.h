#pragma once

#include <string>

#include "base/result.h"
#include "host/user_db.h"
#include "rules_options.h"
#include "ruleset/target.h"

namespace sorrel::sorrelctl {

// The files of a host below its root folder.
class RootPaths : public ruleset::PathProbe {
 public:
  explicit RootPaths(std::string root) : root_(std::move(root)) {}
  ruleset::PathKind kind(const std::string& path) const override;
  std::string real_path(const std::string& path) const override;

 private:
  std::string root_;
};

// The host that rules are compiled for, and what its names are. Neither copied nor moved: the
// target points into it.
class RulesHost {
 public:
  explicit RulesHost(const RulesOptions& options);
  RulesHost(const RulesHost&) = delete;
  RulesHost& operator=(const RulesHost&) = delete;

  // Reads the users. Errors: the root is no folder, or its files cannot be read.
  Status load();
  const ruleset::Target& target() const noexcept { return target_; }

 private:
  std::string root_;
  RootPaths paths_;
  host::UserDb users_;
  ruleset::Target target_;
};

}  // namespace sorrel::sorrelctl
