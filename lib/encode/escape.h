#pragma once

#include <cstddef>
#include <string_view>

namespace sorrel::encode {

// Room that escape_to() needs for `size` bytes: three for each ("%0a"), and a block of slack.
constexpr std::size_t escaped_bound(std::size_t size) noexcept {
  return 3 * size + 16;
}

// Writes `bytes` as the inside of a JSON string in LAUREL's escaping, which loses nothing and is
// the same wherever an event is encoded: printable ASCII as it is, except that % and + become %25
// and %2b; each control byte, 0x7f, and each byte that is not part of valid UTF-8 (surrogates,
// overlong forms and U+FEFF count as invalid) becomes %xx in lower case; other UTF-8 as it is;
// quote and backslash with a backslash. Returns the end of what was written.
// `bytes` must be followed by 15 readable bytes (it is read in blocks).
char* escape_to(std::string_view bytes, char* out) noexcept;

// The same for bytes that nothing readable need follow (constants, strings of the configuration).
char* escape_unpadded_to(std::string_view bytes, char* out) noexcept;

}  // namespace sorrel::encode
