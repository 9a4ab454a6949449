#include "base/hex.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "catch.h"

namespace sorrel {

TEST_CASE("hex is decoded in either case, to any bytes", "[hex]") {
  using namespace std::string_literals;
  CHECK(*decode_hex("") == "");
  CHECK(*decode_hex("00") == "\0"s);
  CHECK(*decode_hex("2F612062") == "/a b");
  CHECK(*decode_hex("ffFFc3a4") == "\xff\xff\xc3\xa4");
}

TEST_CASE("what is not hex is an error", "[hex]") {
  for (const char* bad :
       {"0", "000", "0g", "g0", "0 ", " 00", "0x00", "G0", "@0", "`0", "/0", ":0"}) {
    INFO(bad);
    CHECK(!decode_hex(bad).has_value());
    std::vector<char> out(64);
    CHECK(decode_hex_to(bad, out.data()) == SIZE_MAX);
  }
}

TEST_CASE("hex_value knows 22 digits", "[hex]") {
  int digits = 0;
  for (int c = -128; c < 128; ++c) digits += hex_value(static_cast<char>(c)) != kNotHex;
  CHECK(digits == 22);
  CHECK(hex_value('9') == 9);
  CHECK(hex_value('a') == 10);
  CHECK(hex_value('F') == 15);
}

TEST_CASE("encoding and decoding are each other's inverse, at every size", "[hex]") {
  std::mt19937 random(3);
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string digits = encode_hex(bytes);
    REQUIRE(digits.size() == 2 * size);
    REQUIRE(digits.find_first_not_of("0123456789ABCDEF") == std::string::npos);
    REQUIRE(*decode_hex(digits) == bytes);
    // Into exactly the promised room.
    const auto out = std::make_unique<char[]>(size + 16);
    REQUIRE(decode_hex_to(digits, out.get()) == size);
    REQUIRE(std::string_view(out.get(), size) == bytes);
    // A bad digit is seen wherever it stands.
    for (std::size_t at = 0; at < digits.size(); ++at) {
      std::string broken = digits;
      broken[at] = 'x';
      REQUIRE(decode_hex_to(broken, out.get()) == SIZE_MAX);
    }
  }
}

}  // namespace sorrel
