#include "enrich/shell_words.h"

#include <string>
#include <vector>

#include "catch.h"

namespace sorrel::enrich {
namespace {

using Style = ShellWords::Style;

// The words in brackets; one that begins a command has a | before.
std::string words(std::string_view text, Style style = Style::shell) {
  std::string out;
  ShellWords splitter(text, style);
  for (ShellWords::Word word{}; splitter.next(word);) {
    if (word.starts_command) out += '|';
    ((out += '[') += text.substr(word.begin, word.end - word.begin)) += ']';
  }
  return out;
}

}  // namespace

TEST_CASE("a command line falls into the words of a shell", "[words]") {
  CHECK(words("") == "");
  CHECK(words("  ") == "");
  CHECK(words("a bc\td") == "|[a][bc][d]");
  CHECK(words("a;b && c|d\ne") == "|[a]|[b]|[c]|[d]|[e]");
  CHECK(words("x=$(a b) `c`") == "|[x=$]|[a][b]|[c]");
  CHECK(words("a >b 2<c") == "|[a][b][2][c]");
  CHECK(words("a\rb\x03"
              "c") == "|[a]|[b]|[c]");
}

TEST_CASE("quotes keep a word together, and go when they are around it", "[words]") {
  CHECK(words("a 'b c' \"d;e\"") == "|[a][b c][d;e]");
  CHECK(words("a='b c'd x") == "|[a='b c'd][x]");
  CHECK(words("\"a\\\"b c\" d") == "|[a\\\"b c][d]");
  CHECK(words("a\\ b c") == "|[a\\ b][c]");
  CHECK(words("'' x") == "|[][x]");
  CHECK(words("a\\") == "|[a\\]");
}

TEST_CASE("a quote without its partner is an apostrophe, or a text that was cut", "[words]") {
  CHECK(words("don't do it") == "|[don't][do][it]");
  CHECK(words("p='a b c") == "|[p='a b c]");
  CHECK(words("x \"a b c") == "|[x][a b c]");
  CHECK(words("'") == "|[]");
}

TEST_CASE("joined arguments part at blanks only", "[words]") {
  CHECK(words("a;b c&d (e) 'f g'", Style::blanks) == "|[a;b][c&d][(e)][f g]");
}

TEST_CASE("a text of one plain word is known", "[words]") {
  CHECK(!ShellWords::has_several("--password=a\\b"));
  for (const char* text : {"a b", "a;b", "'a'", "a\nb", "a`b"})
    CHECK(ShellWords::has_several(text));
}

}  // namespace sorrel::enrich
