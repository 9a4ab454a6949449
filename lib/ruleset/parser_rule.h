#pragma once

#include <vector>

#include "ruleset/finding.h"
#include "ruleset/options.h"
#include "ruleset/statement.h"

namespace sorrel::ruleset {

// Reads the options of one rule into `statement`. Tells all that is wrong; false when anything is.
bool parse_rule(const std::vector<Option>& options, Place place, Statement& statement,
                Findings& findings);

}  // namespace sorrel::ruleset
