#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace sorrel {

// The number of decimal digits that the eight bytes at `at` begin with; in `number` what these say,
// unless there are none. In three steps neighbours become one: digits pairs, pairs fours, fours the
// whole.
inline unsigned leading_digits(const char* at, std::uint64_t& number) noexcept {
  std::uint64_t x = 0;
  std::memcpy(&x, at, sizeof x);
  if constexpr (std::endian::native == std::endian::big) x = __builtin_bswap64(x);
  x ^= 0x3030303030303030;
  // The high bit of each byte that is above 9; behind the first such, a carry may set others.
  const std::uint64_t others = (x | (x + 0x7676767676767676)) & 0x8080808080808080;
  unsigned digits = 8;
  if (others != 0) {
    digits = static_cast<unsigned>(std::countr_zero(others)) / 8;
    if (digits == 0) return 0;
    x <<= 64 - 8 * digits;  // zeros before the first
  }
  x = (x * 10 + (x >> 8)) & 0x00ff00ff00ff00ff;
  x = (x * 100 + (x >> 16)) & 0x0000ffff0000ffff;
  number = (x * 10'000 + (x >> 32)) & 0xffffffff;
  return digits;
}

}  // namespace sorrel
