#pragma once

#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/short_copy.h"

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

#if defined(__SSE2__)
inline constexpr std::size_t kEscapeBlock = 16;

// Copies a block; returns how many of its bytes, from the first, need no escape.
inline std::size_t copy_plain_block(const char* in, char* out) noexcept {
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
  // One signed compare finds the control bytes and, as negative ones, those from 0x7f.
  const __m128i moved = _mm_add_epi8(v, _mm_set1_epi8(1));
  __m128i special = _mm_cmpgt_epi8(_mm_set1_epi8(0x21), moved);
  special = _mm_or_si128(special, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
  special = _mm_or_si128(special, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
  special = _mm_or_si128(special, _mm_cmpeq_epi8(v, _mm_set1_epi8('%')));
  special = _mm_or_si128(special, _mm_cmpeq_epi8(v, _mm_set1_epi8('+')));
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special));
  return static_cast<unsigned>(__builtin_ctz(mask | 1u << kEscapeBlock));
}

// The same, but a byte from ' ' to ''' counts as one that needs an escape, as two of them do:
// hardly any value has one, and three compares are enough.
inline std::size_t copy_plainest_block(const char* in, char* out) noexcept {
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
  const __m128i moved = _mm_add_epi8(v, _mm_set1_epi8(1));
  __m128i special = _mm_cmpgt_epi8(_mm_set1_epi8('(' + 1), moved);
  special = _mm_or_si128(special, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
  special = _mm_or_si128(special, _mm_cmpeq_epi8(v, _mm_set1_epi8('+')));
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special));
  return static_cast<unsigned>(__builtin_ctz(mask | 1u << kEscapeBlock));
}
#else
inline constexpr std::size_t kEscapeBlock = 8;
std::size_t copy_plain_block(const char* in, char* out) noexcept;
inline std::size_t copy_plainest_block(const char* in, char* out) noexcept {
  return copy_plain_block(in, out);
}
#endif

// escape_to() for the common case, inline: one block that needs no escape.
inline char* escape_short_to(std::string_view bytes, char* out) noexcept {
  // As many bytes as a block has are never found plain in a longer text.
  if (copy_plainest_block(bytes.data(), out) >= bytes.size()) [[likely]]
    return out + bytes.size();
  return escape_to(bytes, out);
}

// The same for bytes that nothing readable need follow (constants, strings of the configuration).
char* escape_unpadded_to(std::string_view bytes, char* out) noexcept;

// That for the common case, inline.
inline char* escape_short_unpadded_to(std::string_view bytes, char* out) noexcept {
  if (bytes.size() > kEscapeBlock) return escape_unpadded_to(bytes, out);
  copy_short(bytes.data(), bytes.size(), out);  // readable as a block there
  if (copy_plainest_block(out, out) >= bytes.size()) [[likely]]
    return out + bytes.size();
  return escape_unpadded_to(bytes, out);
}

}  // namespace sorrel::encode
