#pragma once

#include <span>

#include "base/result.h"
#include "enrich/options.h"
#include "enrich/secret_patterns.h"

namespace sorrel::enrich {

// Tries each rule with its own examples. They are command lines: blanks part the arguments, quotes
// keep one together, and are gone then. What the rule must find stands in {{ }}; one that is not
// closed is a command line that was cut there.
// Errors: the first example with which the rule finds something else.
Status check_examples(SecretPatterns& patterns, std::span<const SecretRule> rules);

}  // namespace sorrel::enrich
