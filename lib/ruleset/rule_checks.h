#pragma once

#include "ruleset/finding.h"
#include "ruleset/statement.h"

namespace sorrel::ruleset {

// Tells what no single option shows: keys that are too long together, fields that exclude each
// other, too many of them.
void check_rule_text(const RuleText& rule, Place place, Findings& findings);

// Tells names of system calls that no architecture has. For a rule that is refused: it is not
// compiled, where names are looked up, and all that is wrong with a line is told at once.
void check_call_names(const RuleText& rule, Findings& findings);

}  // namespace sorrel::ruleset
