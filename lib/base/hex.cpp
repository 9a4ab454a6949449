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

bool decode_pairs(std::string_view digits, char* out) noexcept {
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const std::uint8_t high = kHexValue[static_cast<unsigned char>(digits[i])];
    const std::uint8_t low = kHexValue[static_cast<unsigned char>(digits[i + 1])];
    if ((high | low) == kNotHex) return false;
    out[i / 2] = static_cast<char>(high << 4 | low);
  }
  return true;
}

// Digits that are decoded at a time.
constexpr std::size_t kBlock = 16;

#if defined(__SSE2__)
// Decodes a block to 8 bytes; false when it is not all hex. Baseline SSE2, so that it needs no
// run-time dispatch on x86-64.
bool decode_block(const char* in, char* out) noexcept {
  __m128i v = _mm_setzero_si128();
  std::memcpy(&v, in, kBlock);
  // Moved up so that the last digit is the largest signed byte, the digits are above all others.
  const __m128i lower = _mm_or_si128(v, _mm_set1_epi8(0x20));
  const __m128i is_decimal =
      _mm_cmpgt_epi8(_mm_add_epi8(v, _mm_set1_epi8(0x7f - '9')), _mm_set1_epi8(0x7f - 10));
  const __m128i is_letter =
      _mm_cmpgt_epi8(_mm_add_epi8(lower, _mm_set1_epi8(0x7f - 'f')), _mm_set1_epi8(0x7f - 6));
  if (_mm_movemask_epi8(_mm_or_si128(is_decimal, is_letter)) != 0xffff) return false;
  // The low four bits of a decimal digit are its value, those of a letter nine less.
  const __m128i nibbles = _mm_add_epi8(_mm_and_si128(v, _mm_set1_epi8(0x0f)),
                                       _mm_and_si128(is_letter, _mm_set1_epi8(9)));
  // Each 16-bit lane holds (second digit << 8 | first digit); the byte is first << 4 | second.
  const __m128i lanes = _mm_and_si128(
      _mm_or_si128(_mm_slli_epi16(nibbles, 4), _mm_srli_epi16(nibbles, 8)), _mm_set1_epi16(0xff));
  const __m128i packed = _mm_packus_epi16(lanes, lanes);
  std::memcpy(out, &packed, kBlock / 2);
  return true;
}
#else
bool decode_block(const char* in, char* out) noexcept {
  return decode_pairs({in, kBlock}, out);
}
#endif

}  // namespace

std::uint8_t hex_value(char digit) noexcept {
  return kHexValue[static_cast<unsigned char>(digit)];
}

std::size_t decode_hex_to(std::string_view digits, char* out) noexcept {
  const std::size_t size = digits.size();
  if (size % 2 != 0) return SIZE_MAX;
  if (size < kBlock) return decode_pairs(digits, out) ? size / 2 : SIZE_MAX;
  // The last block ends where the digits end: part of it may be decoded twice.
  const std::size_t last = size - kBlock;
  for (std::size_t at = 0; at < last; at += kBlock)
    if (!decode_block(digits.data() + at, out + at / 2)) return SIZE_MAX;
  return decode_block(digits.data() + last, out + last / 2) ? size / 2 : SIZE_MAX;
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
