#include "ruleset/wanted_rules.h"

#include <sys/stat.h>
#include <sys/utsname.h>

#include <utility>

#include "ruleset/arches.h"
#include "ruleset/compiler.h"
#include "ruleset/conditions.h"
#include "ruleset/optimize.h"
#include "ruleset/rule_files.h"

namespace sorrel::ruleset {

HostTarget::HostTarget() {
  utsname names{};
  if (::uname(&names) == 0) {
    if (const auto arch = arch_number(names.machine)) target_.arch = *arch;
    if (const auto version = read_kernel_version(names.release)) target_.kernel = *version;
  }
  if (auto users = host::UserDb::load("/")) users_.emplace(*std::move(users));
  target_.users = users_ ? &*users_ : nullptr;
  target_.paths = this;
}

PathKind HostTarget::kind(const std::string& path) const {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return PathKind::missing;
  return S_ISDIR(found.st_mode) ? PathKind::folder : PathKind::other;
}

Result<WantedRules> wanted_rules(std::span<const std::string> paths, const Target& target,
                                 const OptimizeOptions& options) {
  WantedRules wanted;
  Script script;
  for (const std::string& path : paths) {
    if (const Status read = read_rules(path, script, wanted.findings); !read) {
      return Unexpected<Error>(read.error());
    }
  }
  const std::vector<Compiled> compiled = compile(script, target, wanted.findings);
  wanted.state = desired_state(compiled, wanted.findings);
  optimize(wanted.state.rules, target, options);
  wanted.findings.sort();
  wanted.files = std::move(script.files);
  wanted.rules.reserve(wanted.state.rules.size());
  for (const PlacedRule& rule : wanted.state.rules) wanted.rules.push_back(rule.rule);
  return wanted;
}

}  // namespace sorrel::ruleset
