// What no configuration file may do, whatever its bytes are: crash, or use much memory or time.
#include <string>

#include "catch.h"
#include "config/load.h"
#include "config/tree.h"

namespace sorrel::config {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string first_problem(std::string_view text) {
  const Checked checked = check_text("c", text);
  return checked.problems.empty() ? "" : checked.problems[0].to_string();
}

}  // namespace

TEST_CASE("a file beyond 1 MiB is refused", "[config]") {
  std::string text(kMaxFileBytes, '#');
  CHECK(first_problem(text) == "");
  text += '#';
  CHECK(first_problem(text) == "c: larger than 1048576 bytes, the most that is read");
}

TEST_CASE("deep nesting is refused before it can use the stack", "[config]") {
  const std::string_view openers[] = {"[",    "{",   "{a: ",  "[a: ", "- ",    "? ",
                                      "a: [", "[[{", "!!x [", "&a [", "- - ? "};
  for (const std::string_view opener : openers) {
    INFO(opener);
    const Checked checked = check_text("c", repeated(opener, kMaxFileBytes / opener.size()));
    CHECK_FALSE(checked.problems.empty());
    CHECK(checked.problems.size() <= Report::kMaxProblems + 1);
  }
  std::string blocks;
  for (std::size_t i = 0; i < 1000; ++i) blocks += std::string(i, ' ') + "a:\n";
  CHECK(first_problem(blocks).find("nested more than 16 deep, the most that is read") !=
        std::string::npos);
}

TEST_CASE("a file of very many values is refused", "[config]") {
  CHECK(first_problem("outputs: [" + repeated("a,", 20'000) + "]")
            .find("more than 10000 values, the most that are read") != std::string::npos);
  CHECK(first_problem(repeated("a: 1\n", 20'000))
            .find("more than 10000 values, the most that are read") != std::string::npos);
}

TEST_CASE("an alias bomb stays a few bytes", "[config]") {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name <= 'z'; ++name) {
    const std::string before(1, static_cast<char>(name - 1));
    text += std::string(1, name) + ": &" + name + " [" + repeated("*" + before + ",", 9) + "]\n";
  }
  const Checked checked = check_text("c", text);
  REQUIRE(checked.problems.size() == Report::kMaxProblems + 1);
  CHECK(checked.problems[0].to_string() ==
        "c:1:4: anchors (&name) are not read; quote a text that begins with &");
}

TEST_CASE("problems beyond the first hundred are counted", "[config]") {
  std::string text;
  for (int i = 0; i < 150; ++i) text += "zzzzzz" + std::to_string(i) + ": 1\n";
  const Checked checked = check_text("c", text);
  REQUIRE(checked.problems.size() == 101);
  CHECK(checked.problems.back().to_string() == "c: and 50 more problems");
}

}  // namespace sorrel::config
