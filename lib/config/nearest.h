#pragma once

#include <string_view>
#include <vector>

namespace sorrel::config {

// The candidate that a person most likely meant by `word`, or "" when none is close. Close: a third
// of the letters may be wrong, missing, added or swapped with their neighbour (Damerau-Levenshtein,
// optimal string alignment); case does not count, nor whether '-' or '_' joins the words.
// The result is one of `candidates`, and valid as long as that is.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace sorrel::config
