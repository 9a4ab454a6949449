#include "base/siphash.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace sorrel {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  template <int kCount>
  [[gnu::always_inline]] void rounds() noexcept {
#pragma GCC unroll 4
    for (int i = 0; i < kCount; ++i) {
      v0 += v1;
      v2 += v3;
      v1 = std::rotl(v1, 13) ^ v0;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 = std::rotl(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = std::rotl(v1, 17) ^ v2;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 = std::rotl(v2, 32);
    }
  }
  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    rounds<2>();
    v0 ^= word;
  }
  std::uint64_t fold() const noexcept {
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

std::uint64_t little_endian_word(const char* bytes, std::size_t count) noexcept {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes, count);
    return word;
  }
  for (std::size_t i = 0; i < count; ++i)
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return word;
}

}  // namespace

Hash128 siphash_128(Hash128 key, std::string_view bytes) noexcept {
  State s{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d ^ 0xee,
          key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
  const std::size_t whole = bytes.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) s.absorb(little_endian_word(bytes.data() + i, 8));
  s.absorb(little_endian_word(bytes.data() + whole, bytes.size() - whole) |
           std::uint64_t{bytes.size() & 0xff} << 56);
  s.v2 ^= 0xee;
  s.rounds<4>();
  const std::uint64_t first = s.fold();
  s.v1 ^= 0xdd;
  s.rounds<4>();
  return {first, s.fold()};
}

}  // namespace sorrel
