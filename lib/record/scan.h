#pragma once

// Block scans over memory that is known to hold a stopping byte (parser.h, kSentinel), 16 bytes at
// a time: a field's value is about that long, so most scans are one block.

#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sorrel::record {

#if defined(__SSE2__)

inline const char* find_quote(const char* p) noexcept {
  const __m128i quote = _mm_set1_epi8('"');
  for (;; p += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(block, quote));
    if (mask != 0) return p + static_cast<unsigned>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
}

// The first byte <= ' ' (a blank, a control byte).
inline const char* find_blank(const char* p) noexcept {
  const __m128i blank = _mm_set1_epi8(' ');
  for (;; p += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(block, blank), block));
    if (mask != 0) return p + __builtin_ctz(static_cast<unsigned>(mask));
  }
}

inline constexpr std::ptrdiff_t kBlankBlock = 64;

// A bit for each of the 16 bytes at `p` that is <= ' ': those that the maximum with a blank makes
// one.
inline std::uint64_t blank_bits_of_16(const char* p) noexcept {
  const __m128i blank = _mm_set1_epi8(' ');
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(block, blank), blank));
  return static_cast<unsigned>(mask);
}

// A bit for each of the 64 bytes at `p` that is <= ' '. Written out: no compiler unrolls it at -O2.
inline std::uint64_t blank_bits(const char* p) noexcept {
  return blank_bits_of_16(p) | blank_bits_of_16(p + 16) << 16 | blank_bits_of_16(p + 32) << 32 |
         blank_bits_of_16(p + 48) << 48;
}

// The first ' ' in the 16 bytes at `p`, or their end.
inline const char* skip_to_blank(const char* p) noexcept {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(' ')));
  return p + __builtin_ctz(static_cast<unsigned>(mask) | 1u << 16);
}

// True when the bytes of `p` equal those of `text`, which is aligned to 16, where `mask` has a bit;
// 16 bytes are read. False when it has one for a 17th byte.
inline bool equal_masked(const char* p, const char* text, std::uint32_t mask) noexcept {
  const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i b = _mm_load_si128(reinterpret_cast<const __m128i*>(text));
  return (~static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b))) & mask) == 0;
}

#else

inline constexpr std::ptrdiff_t kBlankBlock = 64;

inline std::uint64_t blank_bits(const char* p) noexcept {
  std::uint64_t bits = 0;
  for (int i = 0; i < kBlankBlock; ++i)
    bits |= std::uint64_t{static_cast<unsigned char>(p[i]) <= ' '} << i;
  return bits;
}

inline const char* skip_to_blank(const char* p) noexcept {
  const char* const end = p + 16;
  while (p != end && *p != ' ') ++p;
  return p;
}

inline bool equal_masked(const char* p, const char* text, std::uint32_t mask) noexcept {
  for (int i = 0; i < 16; ++i)
    if ((mask >> i & 1) != 0 && p[i] != text[i]) return false;
  return mask >> 16 == 0;
}

inline const char* find_quote(const char* p) noexcept {
  while (*p != '"') ++p;
  return p;
}

inline const char* find_blank(const char* p) noexcept {
  while (static_cast<unsigned char>(*p) > ' ') ++p;
  return p;
}

#endif

}  // namespace sorrel::record
