#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ruleset/finding.h"
#include "ruleset/rule.h"
#include "ruleset/statement.h"
#include "ruleset/target.h"

namespace sorrel::ruleset {

// A statement for one host: what the kernel would be given.
struct Compiled {
  Command command = Command::add_rule;
  Place place;
  Rule rule;                       // of add_rule and remove_rule
  std::uint32_t number = 0;        // of settings
  std::vector<std::string> words;  // keys of delete_all, the two paths of equivalent
};

// Compiles what holds for `target`, in order. The same text, target and files give the same rules,
// whatever libaudit is installed. Left out, and told:
// - with a warning, what can never match there: a system call that the architecture lacks (the
//   others of the rule stay), a rule of which nothing is left or whose user does not exist;
// - with an error, what the target's kernel would refuse.
std::vector<Compiled> compile(const Script& script, const Target& target, Findings& findings);

}  // namespace sorrel::ruleset
