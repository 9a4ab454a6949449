#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

namespace sorrel::ruleset {

// A rule and what a kernel answered when it was listed.
struct GoldenRule {
  std::size_t line = 0;
  std::string text;
  std::vector<std::byte> bytes;
};

// Reads a file of go-libaudit's rule/testdata: YAML with the keys `flags` and `bytes`, the latter
// in base64 over several lines.
std::vector<GoldenRule> read_golden_rules(std::istream& in);

}  // namespace sorrel::ruleset
