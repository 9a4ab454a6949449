#include "control/utf8.h"

#include <string>

#include "catch.h"

namespace sorrel::control {

TEST_CASE("characters of every length are read, and nothing else is one", "[control][utf8]") {
  struct Row {
    std::string text;
    std::size_t size;
    char32_t code;
  };
  const Row rows[] = {
      {"", 0, 0},
      {"a", 1, 'a'},
      {std::string(1, '\0'), 1, 0},
      {"\xc3\xbc-", 2, 0xfc},
      {"\xe2\x82\xac", 3, 0x20ac},
      {"\xf0\x9f\x8c\xb1", 4, 0x1f331},
      {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
      {"\xf4\x90\x80\x80", 0, 0},  // beyond Unicode
      {"\xed\xa0\x80", 0, 0},      // a surrogate
      {"\xc0\x80", 0, 0},          // overlong forms
      {"\xe0\x80\x80", 0, 0},
      {"\xf0\x80\x80\x80", 0, 0},
      {"\x80", 0, 0},
      {"\xff", 0, 0},
      {"\xc3", 0, 0},  // cut off
      {"\xe2\x82", 0, 0},
      {"\xc3-", 0, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Utf8Character character = first_character(row.text);
    CHECK(character.size == row.size);
    CHECK(character.code == row.code);
  }
}

}  // namespace sorrel::control
