#include "encode/escape.h"

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "catch.h"

namespace sorrel::encode {
namespace {

using namespace std::string_literals;

// In a block of exactly the promised sizes.
std::string escaped(std::string_view bytes) {
  constexpr std::size_t kReadable = 15;
  const auto in = std::make_unique<char[]>(bytes.size() + kReadable);
  std::memcpy(in.get(), bytes.data(), bytes.size());
  std::memset(in.get() + bytes.size(), 0x80, kReadable);  // what would spoil the end if it counted
  const auto out = std::make_unique<char[]>(escaped_bound(bytes.size()));
  const char* const end = escape_to({in.get(), bytes.size()}, out.get());
  return {out.get(), static_cast<std::size_t>(end - out.get())};
}

std::string escaped_unpadded(std::string_view bytes) {
  const auto in = std::make_unique<char[]>(bytes.size());
  std::memcpy(in.get(), bytes.data(), bytes.size());
  const auto out = std::make_unique<char[]>(escaped_bound(bytes.size()));
  const char* const end = escape_unpadded_to({in.get(), bytes.size()}, out.get());
  return {out.get(), static_cast<std::size_t>(end - out.get())};
}

// The rules again, as slowly and plainly as possible: decode, check the code point.
std::string expected(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto byte = [&](std::size_t i) {
      return at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u;
    };
    std::size_t length = byte(0) < 0x80   ? 1
                         : byte(0) < 0xc0 ? 0
                         : byte(0) < 0xe0 ? 2
                         : byte(0) < 0xf0 ? 3
                         : byte(0) < 0xf8 ? 4
                                          : 0;
    unsigned code = length < 2 ? byte(0) : byte(0) & (0x7fu >> length);
    bool continues = true;
    for (std::size_t i = 1; i < length; ++i) {
      continues = continues && (byte(i) & 0xc0) == 0x80;
      code = code << 6 | (byte(i) & 0x3f);
    }
    constexpr unsigned kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool valid = length != 0 && continues && code >= kSmallest[length] && code <= 0x10ffff &&
                       (code < 0xd800 || code > 0xdfff) && code != 0xfeff;
    if (!valid || code < 0x20 || code == 0x7f || code == '%' || code == '+') {
      out += {'%', kDigits[byte(0) >> 4], kDigits[byte(0) & 15]};
      ++at;
      continue;
    }
    if (code == '"' || code == '\\') out += '\\';
    out += bytes.substr(at, length);
    at += length;
  }
  return out;
}

}  // namespace

TEST_CASE("bytes are escaped as LAUREL does it", "[escape]") {
  struct Row {
    std::string bytes;
    std::string text;
  };
  const Row row = GENERATE(values<Row>({
      {"", ""},
      {"/usr/bin/cat -n ~!@#$^&*()", "/usr/bin/cat -n ~!@#$^&*()"},
      {"100%", "100%25"},
      {"a+b", "a%2bb"},
      {"\"\\/", "\\\"\\\\/"},
      {"\0\1\x1f\x7f"s, "%00%01%1f%7f"},
      {"\b\f\n\r\t", "%08%0c%0a%0d%09"},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
      {"\xc2\x80", "\xc2\x80"},                  // the lowest of two bytes
      {"\xdf\xbf", "\xdf\xbf"},                  // the highest
      {"\xe0\xa0\x80", "\xe0\xa0\x80"},          // the lowest of three
      {"\xef\xbf\xbf", "\xef\xbf\xbf"},          // the highest
      {"\xf0\x90\x80\x80", "\xf0\x90\x80\x80"},  // the lowest of four
      {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},  // U+10FFFF
      {"\xed\x9f\xbf", "\xed\x9f\xbf"},          // below the surrogates
      {"\xee\x80\x80", "\xee\x80\x80"},          // above them
      {"\xc0\xaf", "%c0%af"},                    // overlong
      {"\xc1\xbf", "%c1%bf"},
      {"\xe0\x80\xaf", "%e0%80%af"},
      {"\xe0\x9f\xbf", "%e0%9f%bf"},
      {"\xf0\x80\x80\xaf", "%f0%80%80%af"},
      {"\xf0\x8f\xbf\xbf", "%f0%8f%bf%bf"},
      {"\xf4\x90\x80\x80", "%f4%90%80%80"},  // above U+10FFFF
      {"\xf5\x80\x80\x80", "%f5%80%80%80"},
      {"\xff\xfe", "%ff%fe"},
      {"\xed\xa0\x80", "%ed%a0%80"},  // surrogates
      {"\xed\xbf\xbf", "%ed%bf%bf"},
      {"\xef\xbb\xbf", "%ef%bb%bf"},  // U+FEFF
      {"\xef\xbb\xbe", "\xef\xbb\xbe"},
      {"\x80", "%80"},  // nothing to continue
      {"\xc3", "%c3"},  // nothing continues
      {"\xe2\x82", "%e2%82"},
      {"\xf0\x9f\x98", "%f0%9f%98"},
      {"\xc3(", "%c3("},
      {"\xe2\x82(", "%e2%82("},
      {"\xc3\xc3\xa4", "%c3\xc3\xa4"},
  }));
  CHECK(escaped(row.bytes) == row.text);
  CHECK(escaped_unpadded(row.bytes) == row.text);
}

TEST_CASE("every byte alone is escaped by the rules", "[escape]") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    CHECK(escaped(one) == expected(one));
  }
}

TEST_CASE("what is special is seen at every place of a block", "[escape]") {
  for (const std::size_t size : {1u, 2u, 14u, 15u, 16u, 17u, 30u, 31u, 32u, 33u, 63u, 64u, 65u}) {
    const std::string plain(size, 'x');
    REQUIRE(escaped(plain) == plain);
    for (const std::string& special : {"\n"s, "%"s, "\""s, "\\"s, "\x7f"s, "\xff"s, "\xc3\xa4"s,
                                       "\xe2\x82\xac"s, "\xf0\x9f\x98\x80"s, "\0"s, "\"\"\"\""s}) {
      for (std::size_t at = 0; at <= size; ++at) {
        std::string text = plain;
        text.insert(at, special);
        REQUIRE(escaped(text) == expected(text));
        REQUIRE(escaped_unpadded(text) == expected(text));
      }
    }
  }
}

TEST_CASE("a short string is escaped as a long one", "[escape]") {
  for (std::size_t size = 0; size <= 40; ++size) {
    for (const std::string& text :
         {std::string(size, 'x'), std::string(size, '"'), std::string(size, 'x') + '\n'}) {
      std::string padded = text + std::string(15, '\x80');
      const auto out = std::make_unique<char[]>(escaped_bound(text.size()));
      const char* const end = escape_short_to({padded.data(), text.size()}, out.get());
      REQUIRE(std::string_view(out.get(), static_cast<std::size_t>(end - out.get())) ==
              expected(text));
    }
  }
}

TEST_CASE("random bytes are escaped by the rules", "[escape][property]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 5'000; ++i) {
    std::string text(random() % 100, '\0');
    // Mostly the bytes of which UTF-8 and its mistakes are made.
    static constexpr std::string_view kBytes =
        "aaaz%+\"\\\x7f\n\x80\x8f\x90\x9f\xa0\xbb\xbf\xc2\xc3"
        "\xdf\xe0\xed\xef\xf0\xf4";
    for (char& byte : text)
      byte = random() % 8 == 0 ? static_cast<char>(random()) : kBytes[random() % kBytes.size()];
    REQUIRE(escaped(text) == expected(text));
    REQUIRE(escaped_unpadded(text) == expected(text));
  }
}

}  // namespace sorrel::encode
