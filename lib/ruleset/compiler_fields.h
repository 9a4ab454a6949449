#pragma once

#include <cstdint>
#include <optional>

#include "ruleset/finding.h"
#include "ruleset/rule.h"
#include "ruleset/statement.h"
#include "ruleset/target.h"

namespace sorrel::ruleset {

// The kernel's form of one field. Nothing when it, and with it the rule, is left out, which is
// told.
std::optional<Field> compile_field(const FieldText& text, const Target& target, Findings& findings);

}  // namespace sorrel::ruleset
