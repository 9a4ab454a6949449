#pragma once

#include <string_view>

namespace sorrel::ruleset {

// Whether `left` comes before `right` in the order of `sort -V` in the C locale, which is the order
// in which augenrules takes files: numbers by value, `~` before the end, a file's suffix last.
bool version_less(std::string_view left, std::string_view right) noexcept;

}  // namespace sorrel::ruleset
