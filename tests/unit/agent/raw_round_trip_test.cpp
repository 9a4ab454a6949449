// Decoding any log to raw gives its lines back byte for byte, in the order of their events.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "property/mutate.h"
#include "property/pipeline_run.h"

namespace sorrel::agent {
namespace {

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines = test::split_lines(text);
  // The last line may lack its newline; every line that is put out has one.
  if (!lines.empty() && !lines.back().ends_with('\n')) lines.back() += '\n';
  std::erase(lines, "\n");  // an empty line is no line
  std::erase(lines, "\r\n");
  std::ranges::sort(lines);
  return lines;
}

void check_round_trip(const std::string& text, const input::ReadLimits& limits = {}) {
  const std::string out = test::decode(text, buffer::Format::raw, test::stored_options(), limits);
  if (sorted_lines(out) == sorted_lines(text)) return;
  INFO(text);
  REQUIRE(sorted_lines(out) == sorted_lines(text));
}

}  // namespace

TEST_CASE("raw gives each line back", "[raw]") {
  using namespace std::string_literals;
  check_round_trip("");
  check_round_trip("type=CWD msg=audit(1.000:1): cwd=\"/\"\n");
  check_round_trip("type=CWD msg=audit(1.000:1): cwd=\"/\"");  // no last newline
  check_round_trip("type=CWD msg=audit(1.000:1): cwd=\"/\"\ntype=EOE msg=audit(1.000:1): \n");
  check_round_trip(
      "type=CWD msg=audit(1.000:1): cwd=\"/\"\n\n\ntype=CWD msg=audit(1.000:2): a=1\n");
  check_round_trip("node=a type=CWD msg=audit(1.000:1): a=1\ntype=CWD msg=audit(1.000:1): a=1\n");
  check_round_trip("garbage\ntype=CWD\n \ntype=CWD msg=audit(x): a\n\xff\xfe\n");
  check_round_trip("type=CWD msg=audit(1.000:1): a=\0b\0\0\ntype=CWD msg=audit(1.000:1):\0\n\0\n"s);
  check_round_trip("type=NEW_ONE msg=audit(1.000:1): a=1\ntype=UNKNOWN[1] msg=audit(1.000:1): a\n");
  check_round_trip("type=DAEMON_START msg=audit(1.000:1): a=1\ntype=CWD msg=audit(1.000:1): a\n");
  check_round_trip("type=CWD msg=audit(1.5:1): few digits\ntype=CWD msg=audit(01.500:01): more\n");
}

TEST_CASE("raw gives carriage returns back", "[raw]") {
  check_round_trip("type=CWD msg=audit(1.000:1): cwd=\"/\"\r\ntype=EOE msg=audit(1.000:1): \r\n");
  check_round_trip("garbage\r\n\r\r\ntype=CWD msg=audit(1.000:1): \r\r\n");
}

TEST_CASE("random lines come back from raw, whatever the chunks", "[raw][property]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (auto lines = random() % 60; lines != 0; --lines) {
      std::string line = random() % 5 == 0 ? "node=n " : "";
      line += random() % 2 == 0 ? "type=SYSCALL" : random() % 2 == 0 ? "type=EOE" : "type=USER";
      line += " msg=audit(1." + std::to_string(random() % 3) + ":" + std::to_string(random() % 9);
      line += "): " + test::random_fields(random);
      if (random() % 4 == 0) test::mutate(line, random);
      text += line + '\n';
    }
    if (random() % 2 == 0 && !text.empty()) text.pop_back();
    check_round_trip(text, {.chunk_bytes = 1 + random() % 300});
  }
}

}  // namespace sorrel::agent
