#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sorrel {

// memcpy() for names: a few bytes, of which most are four to thirty-two, as blocks that may overlap
// instead of a call. Neither reads nor writes beyond `size`. Returns the end of what it wrote.
[[gnu::always_inline]] inline char* copy_short(const char* bytes, std::size_t size,
                                               char* out) noexcept {
  const auto copy_both_ends = [&](auto block) {
    constexpr std::size_t kBlock = sizeof block;
    const std::size_t last = size - kBlock;
    decltype(block) first_bytes;
    decltype(block) last_bytes;
    std::memcpy(&first_bytes, bytes, kBlock);
    std::memcpy(&last_bytes, bytes + last, kBlock);
    std::memcpy(out, &first_bytes, kBlock);
    std::memcpy(out + last, &last_bytes, kBlock);
  };
  struct Pair {
    std::uint64_t words[2];
  };
  if (size >= 8) {
    if (size <= 16) {
      copy_both_ends(std::uint64_t{});
    } else if (size <= 32) {
      copy_both_ends(Pair{});
    } else {
      std::memcpy(out, bytes, size);
    }
  } else if (size >= 4) {
    copy_both_ends(std::uint32_t{});
  } else if (size != 0) {
    out[0] = bytes[0];
    out[size / 2] = bytes[size / 2];
    out[size - 1] = bytes[size - 1];
  }
  return out + size;
}

}  // namespace sorrel
