#pragma once

// Tests on the text of a bare value. `padded`: 15 readable bytes follow.

#include <cstddef>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sorrel::encode {

// True when `padded` is up to 16 digits, none above `kLast` ('9', or '7' for octal).
template <char kLast = '9'>
inline bool all_digits(std::string_view padded) noexcept {
#if defined(__SSE2__)
  // Moved up so that the last digit is the largest signed byte, the digits are above all others.
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(padded.data()));
  const __m128i moved = _mm_add_epi8(v, _mm_set1_epi8(0x7f - kLast));
  const __m128i is_digit = _mm_cmpgt_epi8(moved, _mm_set1_epi8(0x7f - kLast + '0' - 1));
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(is_digit));
  // Bit 16 is never set: this is the number of digits, up to 16.
  return static_cast<unsigned>(__builtin_ctz(~mask)) >= padded.size();
#else
  if (padded.size() > 16) return false;
  for (const char c : padded)
    if (c < '0' || c > kLast) return false;
  return true;
#endif
}

// True when `padded` is a JSON number of up to 16 digits as it stands. What follows it is a blank,
// or anything else below the digits: then an empty text needs no look of its own.
inline bool is_plain_decimal(std::string_view padded) noexcept {
  if (!all_digits(padded)) return false;
  return padded.data()[0] > '0' || (padded.size() == 1 && padded.data()[0] == '0');
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
  if (padded.empty()) return false;
#if defined(__SSE2__)
  // As in all_digits(), with each kind moved up by itself.
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(padded.data()));
  const __m128i d = _mm_add_epi8(v, _mm_set1_epi8(0x7f - '9'));
  const __m128i lower = _mm_or_si128(v, _mm_set1_epi8(0x20));
  const __m128i a = _mm_add_epi8(lower, _mm_set1_epi8(0x7f - 'f'));
  const __m128i is_digit = _mm_or_si128(_mm_cmpgt_epi8(d, _mm_set1_epi8(0x7f - 10)),
                                        _mm_cmpgt_epi8(a, _mm_set1_epi8(0x7f - 6)));
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(is_digit));
  return static_cast<unsigned>(__builtin_ctz(~mask)) >= padded.size();
#else
  if (padded.size() > 16) return false;
  for (const char c : padded)
    if ((c < '0' || c > '9') && ((c | 0x20) < 'a' || (c | 0x20) > 'f')) return false;
  return true;
#endif
}

// True when `text` is a JSON number as it stands: -?(0|[1-9][0-9]*), within 64 signed bits.
bool is_json_integer(std::string_view text) noexcept;

}  // namespace sorrel::encode
