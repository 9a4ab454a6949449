#include "base/hex.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <array>
#include <cstring>

namespace sorrel {
namespace {

constexpr std::array<std::uint8_t, 256> kHexValue = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNotHex);
  for (std::uint8_t i = 0; i < 10; ++i) table[static_cast<std::size_t>('0' + i)] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    table[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
    table[static_cast<std::size_t>('A' + i)] = static_cast<std::uint8_t>(10 + i);
  }
  return table;
}();
static_assert(kHexValue['F'] == 15 && kHexValue['g'] == kNotHex);

#if defined(__SSE2__)
// Decodes 16 digits to 8 bytes at a time; stops before the first block that is not all hex.
// Baseline SSE2, so that it needs no run-time dispatch on x86-64. Returns the digits consumed.
std::size_t decode_blocks(const char* in, std::size_t digits, char* out) noexcept {
  const __m128i nine = _mm_set1_epi8(9);
  std::size_t done = 0;
  for (; done + 16 <= digits; done += 16) {
    __m128i v = _mm_setzero_si128();
    std::memcpy(&v, in + done, 16);
    const __m128i decimal = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    const __m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    // Unsigned "<=" by min: x <= n exactly when min(x, n) == x.
    const __m128i is_decimal = _mm_cmpeq_epi8(_mm_min_epu8(decimal, nine), decimal);
    const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
    if (_mm_movemask_epi8(_mm_or_si128(is_decimal, is_letter)) != 0xffff) break;
    const __m128i nibbles =
        _mm_or_si128(_mm_and_si128(is_decimal, decimal),
                     _mm_and_si128(is_letter, _mm_add_epi8(letter, _mm_set1_epi8(10))));
    // Each 16-bit lane holds (second digit << 8 | first digit); the byte is first << 4 | second.
    const __m128i lanes = _mm_and_si128(
        _mm_or_si128(_mm_slli_epi16(nibbles, 4), _mm_srli_epi16(nibbles, 8)), _mm_set1_epi16(0xff));
    const __m128i packed = _mm_packus_epi16(lanes, lanes);
    std::memcpy(out + done / 2, &packed, 8);
  }
  return done;
}
#else
std::size_t decode_blocks(const char*, std::size_t, char*) noexcept {
  return 0;
}
#endif

}  // namespace

std::uint8_t hex_value(char digit) noexcept {
  return kHexValue[static_cast<unsigned char>(digit)];
}

std::size_t decode_hex_to(std::string_view digits, char* out) noexcept {
  if (digits.size() % 2 != 0) return SIZE_MAX;
  for (std::size_t i = decode_blocks(digits.data(), digits.size(), out); i < digits.size();
       i += 2) {
    const std::uint8_t high = hex_value(digits[i]);
    const std::uint8_t low = hex_value(digits[i + 1]);
    if ((high | low) == kNotHex) return SIZE_MAX;
    out[i / 2] = static_cast<char>(high << 4 | low);
  }
  return digits.size() / 2;
}

Result<std::string> decode_hex(std::string_view digits) {
  std::string bytes(digits.size() / 2 + 16, '\0');
  const std::size_t size = decode_hex_to(digits, bytes.data());
  if (size == SIZE_MAX) return fail(std::errc::invalid_argument, "not a string of hex digits");
  bytes.resize(size);
  return bytes;
}

std::string encode_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace sorrel
