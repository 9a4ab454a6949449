#pragma once

#include <string>
#include <vector>

#include "ruleset/rule.h"
#include "ruleset/target.h"

// A rule in words, for people who did not write it.
namespace sorrel::ruleset {

struct Explanation {
  std::string effect;                   // "makes an event when a system call ends"
  std::string calls;                    // "openat, unlinkat"; empty: the list has no calls
  std::size_t call_count = 0;           // 0: all
  std::vector<std::string> conditions;  // all must hold: "the effective user is root (0)"
  std::vector<std::string> notes;       // what is easily overlooked
  std::vector<std::string> keys;
};

// `target` says what b64 and b32 are, and has the names of users.
Explanation explain(const Rule& rule, const Target& target);

}  // namespace sorrel::ruleset
