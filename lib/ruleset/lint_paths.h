#pragma once

#include <map>
#include <string>

#include "ruleset/rule.h"
#include "ruleset/target.h"

namespace sorrel::ruleset {

// What lies at the paths of rules; each is looked up once. The target outlives it.
class RealPaths {
 public:
  struct Found {
    PathKind kind = PathKind::missing;
    std::string place;  // the path, its folders without links
    std::string real;   // the same without any link; empty when nothing is there
  };

  explicit RealPaths(const Target& target) : probe_(target.paths) {}

  // Valid while this lives.
  const Found& find(const std::string& path);
  // The path as the kernel finds it: it follows the links of its folders, and not its own.
  // Source: linux/kernel/audit_watch.c, audit_get_nd(); audit_fsnotify.c, audit_alloc_mark().
  const std::string& with_real_folder(const std::string& path) { return find(path).place; }

 private:
  const std::string& real_folder(const std::string& folder);

  const PathProbe* probe_;
  std::map<std::string, Found> found_;
  std::map<std::string, std::string> folders_;
};

// Whether the field names a path: path=, dir=, exe=.
bool is_path(const Field& field) noexcept;

}  // namespace sorrel::ruleset
