#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "ruleset/finding.h"
#include "ruleset/statement.h"

// Where rules come from: files, folders of *.rules, standard input.
namespace sorrel::ruleset {

inline constexpr std::size_t kMaxRuleFileBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxRuleFiles = 10'000;

// The files of a folder as augenrules takes them: `*.rules`, by version_less(). Hidden ones, and
// what is no file, are left out.
Result<std::vector<std::string>> list_rule_files(const std::string& folder);

// Reads what `path` names: a file, a folder, or "-" for standard input; of a folder the files in
// augenrules' order, as one script (see hoist()). Errors: it cannot be read, or is too large.
Status read_rules(const std::string& path, Script& script, Findings& findings);

// augenrules' order of a folder's statements from `first` on: the last bare -D first, then the last
// -b and the last -f, the rest in order, the last -e at the end. The other bare -D, -b, -f and -e
// are gone; those within `#@ if` stay where they are.
void hoist(std::vector<Statement>& statements, std::size_t first);

}  // namespace sorrel::ruleset
