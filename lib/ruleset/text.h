#pragma once

#include <cstdint>
#include <string>

#include "ruleset/rule.h"
#include "ruleset/target.h"

namespace sorrel::ruleset {

struct TextStyle {
  bool resolve = false;  // names for users, groups, address families and arguments of calls
};

// The line of a rule as `auditctl -l` prints it, without a line end: `-w PATH -p wa -k K` for what
// a watch makes, `-a LIST,ACTION ...` for others. `target` says what b64 and b32 are, and has the
// names of users. It can be read again (parse_rules()) to the same rule, a text with a control
// character excepted, which the kernel can hold and no line can: it is shown as in \012.
// Differs from auditctl where its line could not be read again: spaces are escaped, a rule is a
// watch only when it is always,exit and its fields are in order, errors have their sign.
std::string rule_text(const Rule& rule, const Target& target, TextStyle style = {});

// The value of a field as that line has it: "-EACCES", "wa", "1000"; a text as it is.
std::string field_value_text(const Field& field, const Target& target, TextStyle style = {});

}  // namespace sorrel::ruleset
