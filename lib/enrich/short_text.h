#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sorrel::enrich {

// A text of up to 15 bytes in two words, to be compared and hashed without a loop: what a memo of
// ids, modes and the like is asked for.
struct ShortText {
  static constexpr std::size_t kMaxSize = 15;

  std::uint64_t low = 0;
  std::uint64_t high = 0;  // with the size in its last byte: a byte of value 0 counts too

  // `bytes`: 16 of them are readable, of which the first `size`, 1 to kMaxSize, count.
  static ShortText of(const char* bytes, std::size_t size) noexcept {
    ShortText text;
    std::memcpy(&text.low, bytes, 8);
    if (size <= 8) {
      text.low &= first_bytes(size);
    } else {
      std::memcpy(&text.high, bytes + 8, 8);
      text.high &= first_bytes(size - 8);
    }
    text.high |= std::uint64_t{size} << (std::endian::native == std::endian::little ? 56 : 0);
    return text;
  }

  bool operator==(const ShortText&) const = default;
  // A number of `bits` bits.
  std::size_t hash(unsigned bits) const noexcept {
    constexpr std::uint64_t kMixer = 0x9e3779b97f4a7c15;
    return static_cast<std::size_t>((low ^ high) * kMixer >> (64 - bits));
  }

 private:
  // Of a word, as they lie in memory; 1 to 8.
  static constexpr std::uint64_t first_bytes(std::size_t count) noexcept {
    const std::size_t others = 64 - 8 * count;
    return std::endian::native == std::endian::little ? ~std::uint64_t{0} >> others
                                                      : ~std::uint64_t{0} << others;
  }
};

}  // namespace sorrel::enrich
