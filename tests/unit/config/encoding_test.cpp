#include "config/encoding.h"

#include "catch.h"

namespace sorrel::config {
namespace {

std::string first_problem(std::string_view text) {
  Report report("c");
  const bool good = check_encoding(text, report);
  const std::vector<Problem> problems = report.take();
  CHECK(good == problems.empty());
  return problems.empty() ? "" : problems[0].to_string();
}

}  // namespace

TEST_CASE("text in UTF-8 is accepted", "[config]") {
  CHECK(first_problem("") == "");
  CHECK(first_problem("a: b\r\n\tc\n") == "");
  CHECK(first_problem("\xef\xbb\xbf# BOM\n") == "");
  CHECK(first_problem("name: Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x8c\xb1\n") == "");
}

TEST_CASE("a byte that is no text is named with its place", "[config]") {
  struct Row {
    std::string_view text;
    std::string_view expected;
  };
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"a: b\0c"sv, "c:1:5: the byte 0x00 is a control character; save the file as UTF-8 text"},
      // yaml-cpp takes 0x04 for the end of the file.
      {"a: 1\nb: \x04 2",
       "c:2:4: the byte 0x04 is a control character; save the file as UTF-8 text"},
      {"\x7f", "c:1:1: the byte 0x7F is a control character; save the file as UTF-8 text"},
      {"\xc2\x85", "c:1:1: the byte 0xC2 is a control character; save the file as UTF-8 text"},
      {"\xff\xfe", "c:1:1: the byte 0xFF is not UTF-8; save the file as UTF-8 text"},
      {"Z\xfcrich", "c:1:2: the byte 0xFC is not UTF-8; save the file as UTF-8 text"},
      // Columns count characters.
      {"\xc3\xbc\xe2\x82", "c:1:2: the byte 0xE2 is not UTF-8; save the file as UTF-8 text"},
      {"\xc0\xaf", "c:1:1: the byte 0xC0 is not UTF-8; save the file as UTF-8 text"},  // overlong
      {"\xe0\x80\xaf",
       "c:1:1: the byte 0xE0 is not UTF-8; save the file as UTF-8 text"},  // overlong
      {"\xf0\x80\x80\xaf", "c:1:1: the byte 0xF0 is not UTF-8; save the file as UTF-8 text"},
      {"\xed\xa0\x80",
       "c:1:1: the byte 0xED is not UTF-8; save the file as UTF-8 text"},  // surrogate
      {"\xf4\x90\x80\x80", "c:1:1: the byte 0xF4 is not UTF-8; save the file as UTF-8 text"},
      {"\xe2\x28\xa1", "c:1:1: the byte 0xE2 is not UTF-8; save the file as UTF-8 text"},
  };
  for (const Row& row : rows) {
    INFO(row.expected);
    CHECK(first_problem(row.text) == row.expected);
  }
}

TEST_CASE("text in a message is short and cannot steer a terminal", "[config]") {
  CHECK(in_quotes("abc") == "'abc'");
  CHECK(in_quotes("\x1b[2J") == "'\\x1B[2J'");
  CHECK(in_quotes("\xc2\x9b"
                  "2J") ==
        "'\\xC2\x9b"
        "2J'");
  CHECK(in_quotes(std::string(100, 'a')) == "'" + std::string(60, 'a') + "...'");
  // Not cut within a character: 59 bytes, then one of three.
  CHECK(in_quotes(std::string(59, 'a') + "\xe2\x82\xac" + "b") ==
        "'" + std::string(59, 'a') + "...'");
}

}  // namespace sorrel::config
