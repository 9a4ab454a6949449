#pragma once

// Tests on the text of a bare value. `padded`: 15 readable bytes follow.

#include <cstddef>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sorrel::encode {

// True when `padded` is 1 to 16 digits, none above `last` ('9', or '7' for octal).
inline bool all_digits(std::string_view padded, char last = '9') noexcept {
  if (padded.size() - 1 > 15) return false;
#if defined(__SSE2__)
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(padded.data()));
  const __m128i d = _mm_sub_epi8(v, _mm_set1_epi8('0'));
  const __m128i limit = _mm_set1_epi8(static_cast<char>(last - '0'));
  const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(d, limit), d);
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(is_digit));
  return (~mask & ((1u << padded.size()) - 1)) == 0;
#else
  for (const char c : padded)
    if (c < '0' || c > last) return false;
  return true;
#endif
}

// The number of zeros before the last digit, or the first that is none: 2 for "00c0", 0 for "0".
inline std::size_t leading_zeros(std::string_view digits) noexcept {
  std::size_t zeros = 0;
  while (zeros + 1 < digits.size() && digits[zeros] == '0') ++zeros;
  return zeros;
}

// Writes `"0x` or `"0o`, up to 16 padded digits without leading zeros, and a quote.
inline char* put_prefixed_digits(char letter, std::string_view padded, char* out) noexcept {
  const std::size_t zeros = leading_zeros(padded);
  out[0] = '"';
  out[1] = '0';
  out[2] = letter;
  std::memcpy(out + 3, padded.data() + zeros, 16);
  out += 3 + padded.size() - zeros;
  *out = '"';
  return out + 1;
}

// True when `padded` is 1 to 16 hex digits of either case.
inline bool all_hex_digits(std::string_view padded) noexcept {
  if (padded.size() - 1 > 15) return false;
#if defined(__SSE2__)
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(padded.data()));
  const __m128i d = _mm_sub_epi8(v, _mm_set1_epi8('0'));
  const __m128i a = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
  const __m128i is_digit = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d),
                                        _mm_cmpeq_epi8(_mm_min_epu8(a, _mm_set1_epi8(5)), a));
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(is_digit));
  return (~mask & ((1u << padded.size()) - 1)) == 0;
#else
  for (const char c : padded)
    if ((c < '0' || c > '9') && ((c | 0x20) < 'a' || (c | 0x20) > 'f')) return false;
  return true;
#endif
}

// True when `text` is a JSON number as it stands: -?(0|[1-9][0-9]*), within 64 signed bits.
bool is_json_integer(std::string_view text) noexcept;

}  // namespace sorrel::encode
