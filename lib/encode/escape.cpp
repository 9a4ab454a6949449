#include "encode/escape.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "base/short_copy.h"

namespace sorrel::encode {
namespace {

enum Kind : std::uint8_t { kPlain, kPercent, kBackslash, kHigh };

constexpr std::array<std::uint8_t, 256> kKinds = [] {
  std::array<std::uint8_t, 256> kinds{};
  for (std::size_t i = 0; i < 256; ++i) kinds[i] = i < 0x20 || i == 0x7f ? kPercent : kPlain;
  for (std::size_t i = 0x80; i < 256; ++i) kinds[i] = kHigh;
  kinds['%'] = kinds['+'] = kPercent;
  kinds['"'] = kinds['\\'] = kBackslash;
  return kinds;
}();

// "%xx" and a byte of no meaning: one word for each byte.
constexpr std::array<std::array<char, 4>, 256> kPercentTexts = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 4>, 256> texts{};
  for (std::size_t i = 0; i < 256; ++i) texts[i] = {'%', kDigits[i >> 4], kDigits[i & 15], ' '};
  return texts;
}();

// Writes one byte more than it returns: escaped_bound() has room for it.
char* put_percent(unsigned char byte, char* out) noexcept {
  std::memcpy(out, kPercentTexts[byte].data(), sizeof kPercentTexts[byte]);
  return out + 3;
}

bool continues(unsigned char byte) noexcept {
  return (byte & 0xc0) == 0x80;
}

// The length of the valid UTF-8 sequence at `at`, or 0. RFC 3629 section 4, without U+FEFF.
std::size_t utf8_length(std::string_view bytes, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) {
    return at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : std::uint8_t{0};
  };
  const unsigned char first = byte(0);
  if (first >= 0xc2 && first <= 0xdf) return continues(byte(1)) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!continues(byte(1)) || !continues(byte(2))) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;                      // overlong
    if (first == 0xed && byte(1) > 0x9f) return 0;                      // surrogate
    if (first == 0xef && byte(1) == 0xbb && byte(2) == 0xbf) return 0;  // U+FEFF
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!continues(byte(1)) || !continues(byte(2)) || !continues(byte(3))) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;  // overlong
    if (first == 0xf4 && byte(1) > 0x8f) return 0;  // above U+10FFFF
    return 4;
  }
  return 0;
}

// Escapes the one character at `at`; returns how many bytes it had.
std::size_t escape_one(std::string_view bytes, std::size_t at, char*& out) noexcept {
  const auto byte = static_cast<unsigned char>(bytes[at]);
  switch (kKinds[byte]) {
    case kPlain:
      *out++ = bytes[at];
      return 1;
    case kBackslash:
      *out++ = '\\';
      *out++ = bytes[at];
      return 1;
    case kHigh:
      if (const std::size_t length = utf8_length(bytes, at); length != 0) {
        std::memcpy(out, bytes.data() + at, length);
        out += length;
        return length;
      }
      [[fallthrough]];
    default:
      out = put_percent(byte, out);
      return 1;
  }
}

}  // namespace

#if !defined(__SSE2__)
std::size_t copy_plain_block(const char* in, char* out) noexcept {
  std::size_t plain = 0;
  while (plain < kEscapeBlock && kKinds[static_cast<unsigned char>(in[plain])] == kPlain) {
    out[plain] = in[plain];
    ++plain;
  }
  return plain;
}
#endif

char* escape_to(std::string_view bytes, char* out) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t plain = copy_plain_block(bytes.data() + at, out);
    if (plain >= bytes.size() - at) return out + (bytes.size() - at);
    at += plain;
    out += plain;
    // Bytes that need escapes come in runs: leave them one by one until a plain one follows.
    while (plain < kEscapeBlock && at < bytes.size()) {
      const auto byte = static_cast<unsigned char>(bytes[at]);
      const std::uint8_t kind = kKinds[byte];
      if (kind == kPercent) {
        out = put_percent(byte, out);
        ++at;
      } else if (kind == kPlain) {
        break;
      } else {
        at += escape_one(bytes, at, out);
      }
    }
  }
  return out;
}

char* escape_unpadded_to(std::string_view bytes, char* out) noexcept {
  std::size_t at = 0;
  while (at + kEscapeBlock <= bytes.size()) {
    const std::size_t plain = copy_plain_block(bytes.data() + at, out);
    at += plain;
    out += plain;
    if (plain < kEscapeBlock) at += escape_one(bytes, at, out);
  }
  if (at >= bytes.size()) return out;
  // The rest is readable as a block once it is copied: it nearly always stays as it is.
  const std::size_t rest = bytes.size() - at;
  copy_short(bytes.data() + at, rest, out);
  if (copy_plain_block(out, out) >= rest) return out + rest;
  while (at < bytes.size()) at += escape_one(bytes, at, out);
  return out;
}

}  // namespace sorrel::encode
