#include "golden_rules.h"

#include <linux/audit.h>

#include <cstring>
#include <string_view>
#include <utility>

namespace sorrel::ruleset {
namespace {

std::vector<std::byte> from_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::byte> bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) continue;  // the padding at the end
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::byte>(bits >> count & 0xff));
  }
  return bytes;
}

// What the message has behind the rule's texts fills it to whole words.
void cut_filler(std::vector<std::byte>& bytes) {
  audit_rule_data head;
  if (bytes.size() < sizeof head) return;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (bytes.size() - sizeof head > head.buflen) bytes.resize(sizeof head + head.buflen);
}

}  // namespace

std::vector<GoldenRule> read_golden_rules(std::istream& in) {
  constexpr std::string_view kFlags = "- flags: ";
  constexpr std::string_view kIndent = "    ";
  std::vector<GoldenRule> rules;
  std::string base64;
  std::size_t number = 0;
  const auto finish = [&] {
    if (!rules.empty()) {
      rules.back().bytes = from_base64(base64);
      cut_filler(rules.back().bytes);
    }
    base64.clear();
  };
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with(kFlags)) {
      finish();
      std::string text = line.substr(kFlags.size());
      if (text.size() > 1 && text.front() == '\'' && text.back() == '\'')
        text = text.substr(1, text.size() - 2);
      rules.push_back({number, std::move(text), {}});
    } else if (line.starts_with(kIndent)) {
      base64 += line.substr(kIndent.size());
    }
  }
  finish();
  return rules;
}

}  // namespace sorrel::ruleset
