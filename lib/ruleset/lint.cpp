#include "ruleset/lint.h"

#include <array>

#include "ruleset/lint_checks.h"

namespace sorrel::ruleset {
namespace {

constexpr auto kChecks = std::to_array<LintCheck>({
    check_positive_exit,
    check_excluded_types,
    check_never_task,
    check_never_blinds,
    check_foreign_arch,
    check_ignored_fields,
    check_numbers_of_users,
    check_keys,
    check_missing_arch,
    check_arguments,
    check_waiting_connections,
    check_quiet_maps,
    check_breadth,
    check_noise,
    check_slow_watches,
    check_paths,
    check_path_names,
    check_lock,
    check_hidden_errors,
    check_wide_deletions,
    check_twins,
    check_siblings,
    check_order,
    check_whole_set,
});

}  // namespace

std::span<const LintCheck> lint_checks() noexcept {
  return kChecks;
}

void lint(const LintInput& input, Findings& findings) {
  for (const LintCheck check : lint_checks()) check(input, findings);
}

}  // namespace sorrel::ruleset
