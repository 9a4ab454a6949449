#pragma once

#include "ruleset/lint.h"

namespace sorrel::ruleset {

// lint_rules.cpp: what one rule shows.
void check_positive_exit(const LintInput& input, Findings& findings);   // exit-positive
void check_excluded_types(const LintInput& input, Findings& findings);  // exclude-needed
void check_never_task(const LintInput& input, Findings& findings);      // never-task
void check_never_folder(const LintInput& input, Findings& findings);    // never-blinds
void check_foreign_arch(const LintInput& input, Findings& findings);    // arch-dead
void check_ignored_fields(const LintInput& input, Findings& findings);  // field-ignored
void check_breadth(const LintInput& input, Findings& findings);         // rule-too-broad
void check_folder_paths(const LintInput& input, Findings& findings);    // path-is-folder
void check_lock(const LintInput& input, Findings& findings);            // lock-early

// lint_sets.cpp: what several rules show together.
void check_twins(const LintInput& input, Findings& findings);     // twin-missing
void check_siblings(const LintInput& input, Findings& findings);  // call-sibling
void check_shadows(const LintInput& input, Findings& findings);   // rule-shadowed

}  // namespace sorrel::ruleset
