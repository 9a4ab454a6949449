#pragma once

#include <functional>
#include <vector>

#include "ruleset/plan.h"

// Planners that look right and are not, each with one mistake. The property test must catch them.
namespace sorrel::ruleset {

struct WrongPlanner {
  const char* name;
  std::function<std::vector<Step>(const std::vector<Rule>& loaded, const std::vector<Rule>& wanted)>
      plan;
};

std::vector<WrongPlanner> wrong_planners();

}  // namespace sorrel::ruleset
