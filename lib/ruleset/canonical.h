#pragma once

#include "ruleset/rule.h"

namespace sorrel::ruleset {

// The one form of all rules that the kernel treats alike, so that what was written and what the
// kernel gives back compare equal by ==:
// - `prepend` is forgotten, as the kernel does;
// - the numbers of call classes, which the kernel replaces, are cleared in the mask, and the whole
//   mask of the list task, which has no calls;
// - loginuid_set is written as a comparison of auid with unset;
// - the key is last: it never filters.
// The order of the other fields stays. Watch form and syscall form are the same rule already.
Rule canonical(Rule rule);

}  // namespace sorrel::ruleset
