#pragma once

#include <string>
#include <vector>

#include "ruleset/compiler.h"
#include "ruleset/finding.h"
#include "ruleset/target.h"

namespace sorrel::sorrelctl {

// Findings for people, one line each, and what there is in all.
void append_findings_text(const ruleset::Findings& findings, const std::vector<std::string>& files,
                          std::string& out);

// One JSON object: {"schema":1,"files":[...],"rules":N,"errors":N,"warnings":N,"dropped":N,
// "findings":[{"file","line","column","severity","id","why","remedy"}]}
void append_findings_json(const ruleset::Findings& findings, const std::vector<std::string>& files,
                          std::size_t rules, std::string& out);

// A compiled rule as one JSON object: {"schema":1,"file","line","column","command","text","list",
// "action","prepend","fields":[{"id","name","op","value","text"}],"hex"}
void append_rule_json(const ruleset::Compiled& compiled, const std::vector<std::string>& files,
                      const ruleset::Target& target, std::string& out);

// The bytes of struct audit_rule_data in hexadecimal.
void append_rule_hex(const ruleset::Rule& rule, std::string& out);

}  // namespace sorrel::sorrelctl
