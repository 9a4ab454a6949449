#pragma once

#include "ruleset/rule.h"

namespace sorrel::ruleset {

// Whether it is sure that no event matches both: they name no call in common, or a field that has
// one value only (uid, pid, arch ...) would have to have two. False: not known.
bool are_disjoint(const Rule& a, const Rule& b) noexcept;

}  // namespace sorrel::ruleset
