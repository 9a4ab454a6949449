#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace sorrel::enrich {

// The number that the decimal text of `size` bytes is; nothing when it is empty, holds anything but
// digits, or is above 4294967295 or longer than ten digits. 8 bytes are readable from its start.
inline std::optional<std::uint32_t> padded_decimal(const char* text, std::size_t size) noexcept {
  constexpr std::size_t kWord = 8;
  if (size - 1 >= 10) return std::nullopt;
  std::uint64_t value = 0;
  std::size_t at = 0;
  if constexpr (std::endian::native == std::endian::little) {
    // Up to eight digits at once: behind zeros, then in pairs, fours and all of them.
    constexpr std::uint64_t kZeros = 0x3030303030303030;
    at = size < kWord ? size : kWord;
    const std::size_t others = 64 - 8 * at;
    std::uint64_t word = 0;
    std::memcpy(&word, text, kWord);
    word = word << others | (kZeros & ((std::uint64_t{1} << others) - 1));
    constexpr std::uint64_t kHighHalves = 0xf0f0f0f0f0f0f0f0;
    const std::uint64_t above_nine = ((word + 0x0606060606060606) & kHighHalves) >> 4;
    if (((word & kHighHalves) | above_nine) != 0x3333333333333333) return std::nullopt;
    word -= kZeros;
    word = word * 10 + (word >> 8);
    constexpr std::uint64_t kPairs = 0x000000ff000000ff;
    value = ((word & kPairs) * (100 + (std::uint64_t{1'000'000} << 32)) +
             ((word >> 16) & kPairs) * (1 + (std::uint64_t{10'000} << 32))) >>
            32;
  }
  for (; at < size; ++at) {
    const auto digit = static_cast<unsigned char>(text[at] - '0');
    if (digit > 9) return std::nullopt;
    value = value * 10 + digit;
  }
  if (value > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

}  // namespace sorrel::enrich
