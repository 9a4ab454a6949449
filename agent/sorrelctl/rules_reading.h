#pragma once

#include <string>
#include <vector>

#include "ruleset/compiler.h"
#include "ruleset/finding.h"
#include "ruleset/statement.h"
#include "ruleset/target.h"

namespace sorrel::sorrelctl {

// Rules of files, and all that was found.
struct ReadRules {
  ruleset::Script script;
  ruleset::Findings findings;  // sorted
  std::vector<ruleset::Compiled> compiled;
  std::size_t rules = 0;  // that are added
};

// A path that cannot be read is a finding, too. Lints as well when `lint` is set.
ReadRules read_and_compile(const std::vector<std::string>& paths, const ruleset::Target& target,
                           bool lint);

}  // namespace sorrel::sorrelctl
