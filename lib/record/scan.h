#pragma once

// Block scans over memory that is known to hold a stopping byte (parser.h, kSentinel), 16 bytes at
// a time: a field's value is about that long, so most scans are one block.

#include <cstdint>
#include <cstring>

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
    if (mask != 0) return p + __builtin_ctz(static_cast<unsigned>(mask));
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

#else

inline const char* find_quote(const char* p) noexcept {
  while (*p != '"') ++p;
  return p;
}

inline const char* find_blank(const char* p) noexcept {
  while (static_cast<unsigned char>(*p) > ' ') ++p;
  return p;
}

#endif

inline std::uint64_t load_word(const char* p) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

}  // namespace sorrel::record
