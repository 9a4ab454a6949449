#include "ruleset/rule_path.h"

#include <linux/audit.h>
#include <sys/stat.h>

namespace sorrel::ruleset {

bool SystemHostPaths::exists(const std::string& path) const {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos || slash == 0) return "/";
  return path.substr(0, slash);
}

std::optional<std::string> missing_path(const Rule& rule, const HostPaths& probe) {
  for (const Field& field : rule.fields) {
    std::string needed;
    if (field.id == AUDIT_DIR) {
      needed = field.text;
    } else if (field.id == AUDIT_WATCH || field.id == AUDIT_EXE) {
      needed = folder_of(field.text);
    }
    // A path that is not absolute is the kernel's to refuse.
    if (needed.starts_with('/') && !probe.exists(needed)) return needed;
  }
  return std::nullopt;
}

}  // namespace sorrel::ruleset
