#pragma once

#include <string_view>

#include "config/problem.h"

namespace sorrel::config {

// Whether the text is UTF-8 without control characters; the first byte that is not goes into
// `report`. A YAML reader would replace bad bytes, and end the file at a 0x04, without a word.
bool check_encoding(std::string_view text, Report& report);

// The length of the UTF-8 character that `text` begins with (RFC 3629: no surrogates, no overlong
// forms); 0 when it begins with none. `text` must not be empty.
std::size_t utf8_length(std::string_view text) noexcept;

// Whether all of `text` is UTF-8 without control characters, tab included.
bool is_printable(std::string_view text) noexcept;

}  // namespace sorrel::config
