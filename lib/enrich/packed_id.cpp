#include "enrich/packed_id.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sorrel::enrich {
namespace {

constexpr std::size_t kBlock = 16;   // characters, which become 8 bytes
constexpr std::size_t kTicksAt = 8;  // 48 bits: 89,000 years of hundredths of a second

#if defined(__SSE2__)

// The first character goes to the lower half of the byte. False: not all are digits, '.' or ':'.
bool pack_block(const char* text, std::uint8_t* out) noexcept {
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i halves = _mm_and_si128(v, _mm_set1_epi8(0x0f));
  const __m128i pairs =
      _mm_and_si128(_mm_or_si128(halves, _mm_srli_epi16(halves, 4)), _mm_set1_epi16(0x00ff));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packus_epi16(pairs, pairs));
  // '.' to ':' but for '/', which is between '.' and the digits.
  const __m128i distance = _mm_sub_epi8(v, _mm_set1_epi8('.'));
  const __m128i is_near =
      _mm_cmpeq_epi8(_mm_min_epu8(distance, _mm_set1_epi8(':' - '.')), distance);
  const __m128i is_slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('/'));
  return _mm_movemask_epi8(_mm_andnot_si128(is_slash, is_near)) == 0xffff;
}

void unpack_block(const std::uint8_t* bytes, char* out) noexcept {
  const __m128i v = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes));
  const __m128i half = _mm_set1_epi8(0x0f);
  const __m128i halves =
      _mm_unpacklo_epi8(_mm_and_si128(v, half), _mm_and_si128(_mm_srli_epi16(v, 4), half));
  __m128i text = _mm_or_si128(halves, _mm_set1_epi8('0'));
  // '.' came out as its lower half above '0'.
  const __m128i is_dot = _mm_cmpeq_epi8(text, _mm_set1_epi8('0' | ('.' & 0x0f)));
  text = _mm_sub_epi8(text, _mm_and_si128(is_dot, _mm_set1_epi8(0x10)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), text);
}

#else

bool pack_block(const char* text, std::uint8_t* out) noexcept {
  for (std::size_t i = 0; i < kBlock / 2; ++i)
    out[i] = static_cast<std::uint8_t>((text[2 * i] & 0x0f) | (text[2 * i + 1] & 0x0f) << 4);
  return std::all_of(text, text + kBlock, [](char c) { return c >= '.' && c <= ':' && c != '/'; });
}

void unpack_block(const std::uint8_t* bytes, char* out) noexcept {
  const auto character = [](unsigned half) {
    return static_cast<char>(half == ('.' & 0x0f) ? '.' : '0' | half);
  };
  for (std::size_t i = 0; i < kBlock / 2; ++i) {
    out[2 * i] = character(bytes[i] & 0x0f);
    out[2 * i + 1] = character(bytes[i] >> 4);
  }
}

#endif

}  // namespace

PackedId pack_id(std::string_view text) noexcept {
  PackedId id;
  const std::size_t size = text.size();
  if (size - 1 >= PackedId::kMaxText) return id;
  char padded[2 * kBlock];
  std::memset(padded, '0', sizeof padded);
  if (size >= kBlock) [[likely]] {
    // Two copies of a fixed size that overlap.
    std::memcpy(padded, text.data(), kBlock);
    std::memcpy(padded + size - kBlock, text.data() + size - kBlock, kBlock);
  } else {
    std::memcpy(padded, text.data(), size);
  }
  std::uint8_t packed[kBlock];
  const bool is_id = pack_block(padded, packed) & pack_block(padded + kBlock, packed + kBlock / 2);
  if (!is_id) return id;
  std::memcpy(id.digits, packed, sizeof id.digits);
  id.size = static_cast<std::uint8_t>(size);
  return id;
}

std::string_view unpack_id(const PackedId& id, char* out) noexcept {
  std::uint8_t packed[kBlock] = {};
  std::memcpy(packed, id.digits, sizeof id.digits);
  unpack_block(packed, out);
  unpack_block(packed + kBlock / 2, out + kBlock);
  return {out, id.size};
}

std::uint64_t time_ms_of(const PackedId& id) noexcept {
  std::uint64_t time_ms = 0;
  for (std::size_t i = 0; i < id.size; ++i) {
    const unsigned half = i % 2 == 0 ? id.digits[i / 2] & 0x0fu : id.digits[i / 2] >> 4u;
    if (half == (':' & 0x0f)) break;
    if (half < 10) time_ms = time_ms * 10 + half;
  }
  return time_ms;
}

PackedId pack_start(std::uint64_t time_ms, std::uint64_t ticks) noexcept {
  constexpr std::uint64_t kMaxSeconds = 9'999'999'999;  // 10 digits: 14 characters, 7 bytes
  char text[PackedId::kTextRoom];
  char* end = std::to_chars(text, text + 10, std::min(time_ms / 1000, kMaxSeconds)).ptr;
  const auto ms = static_cast<unsigned>(time_ms % 1000);
  *end++ = '.';
  *end++ = static_cast<char>('0' + ms / 100);
  *end++ = static_cast<char>('0' + ms / 10 % 10);
  *end++ = static_cast<char>('0' + ms % 10);
  PackedId id = pack_id({text, static_cast<std::size_t>(end - text)});
  for (std::size_t i = kTicksAt; i < sizeof id.digits; ++i, ticks >>= 8)
    id.digits[i] = static_cast<std::uint8_t>(ticks & 0xff);
  return id;
}

std::uint64_t start_ticks_of(const PackedId& start) noexcept {
  std::uint64_t ticks = 0;
  for (std::size_t i = sizeof start.digits; i > kTicksAt; --i)
    ticks = ticks << 8 | start.digits[i - 1];
  return ticks;
}

}  // namespace sorrel::enrich
