#pragma once

#include <vector>

#include "ruleset/desired_state.h"
#include "ruleset/optimize_options.h"
#include "ruleset/target.h"

// Changes of a ruleset that save the host time. Each keeps, for every event, the action and the key
// that the rules as written give it; where that cannot be shown, nothing is changed.
namespace sorrel::ruleset {

// A rule on a folder for all calls (`-w DIR`, or dir= and perm= without -S) costs every call. It
// becomes one for each ABI of the host, on the calls that the kernel counts to its permission: all
// others could not match it. Rules on files are found by the file and stay.
void narrow_folders(std::vector<PlacedRule>& rules, const Target& target);

// Rules that differ by their calls only become one, at the place of the first, where no rule
// between them could decide otherwise about the calls of the later one.
void merge_calls(std::vector<PlacedRule>& rules);

// A `never` goes before every `always` that cannot match the same event, so that what it keeps
// quiet is not compared with those.
void move_never_first(std::vector<PlacedRule>& rules);

// Those that are asked for, in this order. What was done to a rule is in its notes.
void optimize(std::vector<PlacedRule>& rules, const Target& target, const OptimizeOptions& options);

}  // namespace sorrel::ruleset
