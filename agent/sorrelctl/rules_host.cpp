#include "rules_host.h"

#include <sys/stat.h>
#include <sys/utsname.h>

#include <utility>

#include "ruleset/arches.h"
#include "ruleset/conditions.h"
#include "ruleset/real_path.h"

namespace sorrel::sorrelctl {
namespace {

// "6.1" of "6.1.0-28-amd64"
std::string version_of(std::string_view release) {
  std::size_t end = 0;
  int dots = 0;
  for (; end < release.size(); ++end) {
    const char c = release[end];
    if (c == '.' && ++dots == 2) break;
    if (c != '.' && (c < '0' || c > '9')) break;
  }
  return std::string(release.substr(0, end));
}

}  // namespace

ruleset::PathKind RootPaths::kind(const std::string& path) const {
  struct stat status = {};
  // Links lead to places below the root, too.
  const std::string whole = root_ == "/" ? path : root_ + real_path(path);
  if (whole == root_ && path != "/") return ruleset::PathKind::missing;
  if (::stat(whole.c_str(), &status) != 0) return ruleset::PathKind::missing;
  return S_ISDIR(status.st_mode) ? ruleset::PathKind::folder : ruleset::PathKind::other;
}

std::string RootPaths::real_path(const std::string& path) const {
  return ruleset::real_path_below(root_, path);
}

RulesHost::RulesHost(const RulesOptions& options) : root_(options.root), paths_(options.root) {
  utsname name = {};
  if (::uname(&name) == 0) {
    target_.arch = ruleset::arch_number(name.machine).value_or(target_.arch);
    target_.kernel =
        ruleset::read_kernel_version(version_of(name.release)).value_or(target_.kernel);
  }
  target_.arch = options.arch.value_or(target_.arch);
  target_.kernel = options.kernel.value_or(target_.kernel);
  target_.paths = &paths_;
}

Status RulesHost::load() {
  Result<host::UserDb> users = host::UserDb::load(root_);
  if (!users) return Unexpected(std::move(users).error());
  users_ = *std::move(users);
  target_.users = &users_;
  return Ok{};
}

}  // namespace sorrel::sorrelctl
