#pragma once

#include <cstddef>
#include <string_view>

namespace sorrel::control {

// One character at the front of a text. size 0: the first byte begins no valid UTF-8 (a stray or
// missing continuation, an overlong form, a surrogate, beyond U+10FFFF), or the text is empty.
struct Utf8Character {
  std::size_t size = 0;
  char32_t code = 0;
};
Utf8Character first_character(std::string_view text) noexcept;

}  // namespace sorrel::control
