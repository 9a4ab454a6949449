#pragma once

#include <string>
#include <string_view>

#include "ruleset/finding.h"
#include "ruleset/statement.h"

namespace sorrel::ruleset {

// Reads the text of a rules file, auditctl's grammar (auditctl(8), audit.rules(7)) and directives
// (conditions.h), and appends what it says. Every line that is wrong is told, with all that is
// wrong with it, and left out. `name` is how findings call the file.
// Differs from auditctl on purpose: quotes group words, tabs separate them; the operator of -F is
// the one behind the field's name, so values may have any; numbers are read whole or refused.
void parse_rules(std::string name, std::string_view text, Script& script, Findings& findings);

}  // namespace sorrel::ruleset
