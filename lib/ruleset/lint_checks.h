#pragma once

#include "ruleset/lint.h"

// The checks, by file, with the ids of what they find.
namespace sorrel::ruleset {

// lint_rules.cpp: what one rule shows.
void check_positive_exit(const LintInput& input, Findings& findings);     // exit-positive
void check_excluded_types(const LintInput& input, Findings& findings);    // exclude-needed
void check_foreign_arch(const LintInput& input, Findings& findings);      // arch-dead
void check_ignored_fields(const LintInput& input, Findings& findings);    // field-ignored
void check_numbers_of_users(const LintInput& input, Findings& findings);  // uid-unknown

// lint_never.cpp: what keeps quiet.
void check_never_task(const LintInput& input, Findings& findings);    // never-task
void check_never_blinds(const LintInput& input, Findings& findings);  // never-blinds

// lint_keys.cpp
void check_keys(const LintInput& input, Findings& findings);  // key-option, key-technique

// lint_calls.cpp: numbers and arguments of calls.
void check_missing_arch(const LintInput& input, Findings& findings);  // arch-missing
// clone-flags, values-partial, address-length
void check_arguments(const LintInput& input, Findings& findings);
void check_waiting_connections(const LintInput& input, Findings& findings);  // success-connect
void check_quiet_maps(const LintInput& input, Findings& findings);           // values-partial

// lint_noise.cpp: too many events, too much time.
void check_breadth(const LintInput& input, Findings& findings);       // rule-too-broad
void check_noise(const LintInput& input, Findings& findings);         // rule-noisy
void check_slow_watches(const LintInput& input, Findings& findings);  // watch-slow

// lint_paths.cpp: what lies at the paths, and what they are called.
// path-is-folder, path-is-file, path-is-link, path-missing
void check_paths(const LintInput& input, Findings& findings);
void check_path_names(const LintInput& input, Findings& findings);  // path-foreign, path-volatile

// lint_script.cpp: lines that are no rules.
void check_lock(const LintInput& input, Findings& findings);            // lock-early
void check_hidden_errors(const LintInput& input, Findings& findings);   // errors-hidden
void check_wide_deletions(const LintInput& input, Findings& findings);  // delete-wide

// lint_sets.cpp, lint_siblings.cpp, lint_order.cpp: what several rules show together.
void check_twins(const LintInput& input, Findings& findings);     // twin-missing
void check_siblings(const LintInput& input, Findings& findings);  // call-sibling
void check_order(const LintInput& input,
                 Findings& findings);  // rule-shadowed, rule-order, path-same
void check_whole_set(const LintInput& input, Findings& findings);  // set-lacks

}  // namespace sorrel::ruleset
