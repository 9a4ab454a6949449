#include "ruleset/lint.h"

#include <array>

#include "ruleset/lint_checks.h"

namespace sorrel::ruleset {
namespace {

constexpr auto kChecks = std::to_array<LintCheck>({
    check_positive_exit,
    check_excluded_types,
    check_never_task,
    check_never_folder,
    check_foreign_arch,
    check_ignored_fields,
    check_breadth,
    check_folder_paths,
    check_lock,
    check_twins,
    check_siblings,
    check_shadows,
});

}  // namespace

std::span<const LintCheck> lint_checks() noexcept {
  return kChecks;
}

void lint(const LintInput& input, Findings& findings) {
  for (const LintCheck check : lint_checks()) check(input, findings);
}

}  // namespace sorrel::ruleset
