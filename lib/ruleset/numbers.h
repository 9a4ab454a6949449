#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sorrel::ruleset {

// Reads a number as strtol() with base 0 does (decimal, 0x hexadecimal, leading 0 octal), but all
// of the text: "12abc" and "08" are no numbers. Nothing when it is none; what does not fit is
// `too_large`.
struct WrittenNumber {
  bool negative = false;
  bool too_large = false;  // beyond 64 bits
  std::uint64_t magnitude = 0;
};
std::optional<WrittenNumber> read_number(std::string_view text) noexcept;

// The same, of what must lie between 0 and 2^32 - 1.
std::optional<std::uint32_t> read_u32(std::string_view text) noexcept;

}  // namespace sorrel::ruleset
