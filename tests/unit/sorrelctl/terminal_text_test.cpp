#include "sorrelctl/terminal_text.h"

#include "catch.h"

namespace sorrel::sorrelctl {

TEST_CASE("what could steer a terminal is escaped, the rest stays", "[sorrelctl][terminal]") {
  struct Row {
    std::string text;
    std::string utf8;
    std::size_t width;
    std::string ascii;
  };
  const Row rows[] = {
      {"", "", 0, ""},
      {"plain ~", "plain ~", 7, "plain ~"},
      {"\x1b[31m\a\r\n\t\x7f", "%1b[31m%07%0d%0a%09%7f", 22, "%1b[31m%07%0d%0a%09%7f"},
      {std::string(1, '\0'), "%00", 3, "%00"},
      {"\xc3\xbc\xe2\x82\xac", "\xc3\xbc\xe2\x82\xac", 2, "%c3%bc%e2%82%ac"},
      {"\xc2\x9b"
       "31m",
       "%c2%9b31m", 9, "%c2%9b31m"},  // the one-byte CSI
      {"a\xe2\x80\xae"
       "b",
       "a%e2%80%aeb", 11, "a%e2%80%aeb"},  // right-to-left override
      {"\xe2\x81\xa6", "%e2%81%a6", 9, "%e2%81%a6"},
      {"\xe2\x80\xa8", "%e2%80%a8", 9, "%e2%80%a8"},
      {"\xff\xfe", "%ff%fe", 6, "%ff%fe"},
      {"\xe2\x82", "%e2%82", 6, "%e2%82"},
      {"\x9b"
       "1m",
       "%9b1m", 5, "%9b1m"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::string out;
    CHECK(append_visible(row.text, true, out) == row.width);
    CHECK(out == row.utf8);
    out.clear();
    append_visible(row.text, false, out);
    CHECK(out == row.ascii);
  }
}

TEST_CASE("JSON passes through with the same meaning", "[sorrelctl][terminal]") {
  std::string out;
  const std::string plain = R"({"comm":"a\u001b\"b","user":"ü€"})";
  append_visible_json(plain, out);
  CHECK(out == plain);
  out.clear();
  append_visible_json("{\"comm\":\"\xc2\x9b\xe2\x80\xae\x7f\xff\x1b\"}", out);
  CHECK(out == R"({"comm":"\u009b\u202e\u007f\ufffd\u001b"})");
}

}  // namespace sorrel::sorrelctl
