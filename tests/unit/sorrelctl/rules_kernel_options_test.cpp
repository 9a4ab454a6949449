#include "sorrelctl/rules_kernel_options.h"

#include <string>
#include <vector>

#include "catch.h"

namespace sorrel::sorrelctl {
namespace {

// What is wrong with a command line; the first word is the command.
std::string wrong(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto options = parse_kernel_rules_options(static_cast<int>(words.size()), argv.data());
  return options ? "" : options.error().message;
}

}  // namespace

TEST_CASE("an option of another rules command is named, not its value", "[sorrelctl][rules]") {
  CHECK(wrong({"list", "--rules", "x"}) == "there is no option '--rules'");
  CHECK(wrong({"list", "--rules=x"}) == "there is no option '--rules'");
  CHECK(wrong({"diff", "--check"}) == "there is no option '--check'");
  CHECK(wrong({"list", "--nope"}) == "there is no option '--nope'");
  CHECK(wrong({"diff", "--rules"}) == "option '--rules' needs a value");
  CHECK(wrong({"diff", "word"}) == "'word' is too much");
  CHECK(wrong({"apply", "--rules", "x", "--check"}).empty());
}

}  // namespace sorrel::sorrelctl
