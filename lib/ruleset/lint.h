#pragma once

#include <span>

#include "ruleset/desired_state.h"
#include "ruleset/finding.h"
#include "ruleset/statement.h"
#include "ruleset/target.h"

// Mistakes that the kernel takes without a word: rules that never match, that match too much, or
// that hide others.
namespace sorrel::ruleset {

struct LintInput {
  const Script& script;
  const DesiredState& state;
  const Target& target;
};

// A check tells what it finds as warnings. To add one, write it in a file of its kind and name it
// in the list of lint.cpp.
using LintCheck = void (*)(const LintInput& input, Findings& findings);
std::span<const LintCheck> lint_checks() noexcept;

// Runs all checks.
void lint(const LintInput& input, Findings& findings);

}  // namespace sorrel::ruleset
