#pragma once

#include <optional>
#include <string>

#include "ruleset/rule.h"

namespace sorrel::ruleset {

// Whether a path is there: the seam to the file system.
class HostPaths {
 public:
  virtual ~HostPaths() = default;
  virtual bool exists(const std::string& path) const = 0;
};

class SystemHostPaths final : public HostPaths {
 public:
  // Follows links, as the kernel does when it resolves the path of a rule.
  bool exists(const std::string& path) const override;
};

// The path without which the kernel refuses the rule: what a dir= names, the folder of a path= or
// exe=. None when all is there. Source: linux/kernel/audit_watch.c, audit_tree.c, audit_fsnotify.c.
std::optional<std::string> missing_path(const Rule& rule, const HostPaths& probe);

// "/a/b" of "/a/b/c", "/" of "/a".
std::string folder_of(const std::string& path);

}  // namespace sorrel::ruleset
