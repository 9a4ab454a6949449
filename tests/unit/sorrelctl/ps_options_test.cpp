#include "sorrelctl/ps_options.h"

#include "catch.h"

namespace sorrel::sorrelctl {
namespace {

Result<PsOptions> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "ps");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  return parse_ps_options(static_cast<int>(words.size()), arguments.data());
}

}  // namespace

TEST_CASE("ps takes options and process ids in any order", "[sorrelctl][ps]") {
  const auto options = parse({"7", "--tree", "--all", "--socket", "/x", "3"});
  REQUIRE(options);
  CHECK(options->tree);
  CHECK(options->all);
  CHECK(options->socket == "/x");
  CHECK(options->pids == std::vector<std::uint32_t>{3, 7});
  REQUIRE(parse({}));
  CHECK(parse({})->socket == "/run/sorrel/control.sock");
  CHECK(parse({"--help", "nonsense"})->help);
}

TEST_CASE("ps says what is wrong with its command line", "[sorrelctl][ps]") {
  struct Row {
    std::vector<std::string> words;
    std::string message;
  };
  const Row rows[] = {
      {{"--nope"}, "there is no option '--nope'"},
      {{"--socket"}, "option '--socket' needs a value"},
      {{"x"}, "'x' is no process id"},
      {{"0"}, "'0' is no process id"},
      {{"12x"}, "'12x' is no process id"},
      {{"--", "-1"}, "'-1' is no process id"},
      {{"2147483648"}, "'2147483648' is no process id"},
      {{"99999999999999999999"}, "'99999999999999999999' is no process id"},
      {{"--all", "--exited"}, "--all and --exited exclude each other"},
      {{"--tree", "--json"},
       "--tree and --json exclude each other; each row of --json has its "
       "parent"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto options = parse(row.words);
    REQUIRE_FALSE(options);
    CHECK(options.error().message == row.message);
  }
}

}  // namespace sorrel::sorrelctl
