#pragma once

#include <string>
#include <vector>

#include "ruleset/compiler.h"
#include "ruleset/settings.h"

namespace sorrel::ruleset {

struct PlacedRule {
  Rule rule;  // prepend is false: it is at its place
  Place place;
  std::vector<std::string> notes = {};  // what optimize() did to it, for people
};

// What the kernel shall have after a rules file was run from the begin: the result of -A, -d, -W
// and -D, and what is set.
struct DesiredState {
  std::vector<PlacedRule> rules;  // of each list, in the kernel's order
  SettingValues settings;         // the last value of each
  OneTimeActions actions;
};

// A rule that is there already is told as a warning and not added: the kernel would refuse it.
DesiredState desired_state(const std::vector<Compiled>& statements, Findings& findings);

}  // namespace sorrel::ruleset
