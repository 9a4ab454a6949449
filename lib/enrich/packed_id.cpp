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

std::uint64_t word(const char* bytes) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, 8);
  return value;
}

// Two characters a byte, the first one in its lower half: 8 bytes.
__m128i pack_block(__m128i text) noexcept {
  const __m128i halves = _mm_and_si128(text, _mm_set1_epi8(0x0f));
  const __m128i pairs =
      _mm_and_si128(_mm_or_si128(halves, _mm_srli_epi16(halves, 4)), _mm_set1_epi16(0x00ff));
  return _mm_packus_epi16(pairs, pairs);
}

// All ones for digits, '.' and ':', which are neighbours but for '/'.
__m128i belongs(__m128i text) noexcept {
  const __m128i distance = _mm_sub_epi8(text, _mm_set1_epi8('.'));
  const __m128i is_near =
      _mm_cmpeq_epi8(_mm_min_epu8(distance, _mm_set1_epi8(':' - '.')), distance);
  return _mm_andnot_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('/')), is_near);
}

// What follows the first block of a text of 16 to 28 characters, then zeros as digits; in
// registers, and without a look behind the text.
__m128i second_block(std::string_view text) noexcept {
  constexpr std::uint64_t kZeros = 0x3030303030303030;
  const std::size_t rest = text.size() - kBlock;
  const char* const end = text.data() + text.size();
  // The last `count` characters, 1 to 8 of them.
  const auto last = [&](std::size_t count) {
    const std::size_t others = 8 * (8 - count);
    return (word(end - 8) >> others) | (~(~std::uint64_t{0} >> others) & kZeros);
  };
  std::uint64_t low = kZeros;
  std::uint64_t high = kZeros;
  if (rest > 8) {
    low = word(text.data() + kBlock);
    high = last(rest - 8);
  } else if (rest > 0) {
    low = last(rest);
  }
  return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}

// Apart, so that only this has an array on its stack.
[[gnu::noinline]] __m128i short_block(std::string_view text) noexcept {
  char padded[kBlock];
  std::memset(padded, '0', sizeof padded);
  std::memcpy(padded, text.data(), text.size());
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(padded));
}

// False: the text holds other characters. It has 1 to kMaxText.
inline bool pack(std::string_view text, std::uint8_t* digits) noexcept {
  __m128i first;
  __m128i second;
  if (text.size() >= kBlock) [[likely]] {
    first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data()));
    second = second_block(text);
  } else {
    first = short_block(text);
    second = _mm_set1_epi8('0');
  }
  const __m128i packed = _mm_unpacklo_epi64(pack_block(first), pack_block(second));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(digits), packed);
  // The other six bytes: two of them once more.
  _mm_storel_epi64(reinterpret_cast<__m128i*>(digits + 6), _mm_srli_si128(packed, 6));
  return _mm_movemask_epi8(_mm_and_si128(belongs(first), belongs(second))) == 0xffff;
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

bool pack(std::string_view text, std::uint8_t* digits) noexcept {
  char padded[PackedId::kMaxText];
  std::memset(padded, '0', sizeof padded);
  std::memcpy(padded, text.data(), text.size());
  for (std::size_t i = 0; i < PackedId::kMaxText / 2; ++i)
    digits[i] = static_cast<std::uint8_t>((padded[2 * i] & 0x0f) | (padded[2 * i + 1] & 0x0f) << 4);
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= '.' && c <= ':' && c != '/'; });
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

void pack_id(std::string_view text, PackedId& id) noexcept {
  if (text.size() - 1 < PackedId::kMaxText && pack(text, id.digits)) [[likely]] {
    id.size = static_cast<std::uint8_t>(text.size());
  } else {
    id = PackedId{};
  }
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
