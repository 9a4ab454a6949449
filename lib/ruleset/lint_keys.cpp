#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"
#include "ruleset/rule_facts.h"

// Keys that are not what their writer takes them for.
namespace sorrel::ruleset {
namespace {

constexpr char kKeySeparator = '\x01';

struct Renumbered {
  std::string_view old_number;
  std::string_view number;
};
// Techniques of MITRE ATT&CK for Linux that were replaced, most of them by sub-techniques in 2020,
// and by what in version 16.1 (rules/attack.yaml has that); empty: they are gone.
constexpr auto kRenumbered = std::to_array<Renumbered>({
    {"1002", "1560"},     {"1009", "1027.001"}, {"1022", "1560"},     {"1024", "1573"},
    {"1032", "1573"},     {"1043", ""},         {"1045", "1027.002"}, {"1064", "1059"},
    {"1065", "1571"},     {"1066", "1027.005"}, {"1067", "1542.003"}, {"1079", "1573"},
    {"1081", "1552.001"}, {"1089", "1562.001"}, {"1094", "1095"},     {"1099", "1070.006"},
    {"1100", "1505.003"}, {"1107", "1070.004"}, {"1108", ""},         {"1130", "1553.004"},
    {"1139", "1552.003"}, {"1145", "1552.004"}, {"1146", "1070.003"}, {"1148", "1562.003"},
    {"1151", "1036.006"}, {"1154", "1546.005"}, {"1156", "1546.004"}, {"1158", "1564.001"},
    {"1166", "1548.001"}, {"1168", "1053"},     {"1169", "1548.003"}, {"1184", "1563.001"},
    {"1188", "1090.003"}, {"1206", "1548.003"}, {"1215", "1547.006"}, {"1500", "1027.004"},
    {"1501", "1543.002"},
});
static_assert(std::ranges::is_sorted(kRenumbered, {}, &Renumbered::old_number));

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_word(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The key begins with what looks like a technique's number: "T1087_accounts".
std::optional<Reason> technique_doubt(std::string_view key) {
  constexpr std::size_t kDigits = 4;
  const std::size_t letters = std::min(key.find_first_not_of('T'), key.size());
  std::size_t end = letters;
  while (end < key.size() && is_digit(key[end])) ++end;
  const std::string_view number = key.substr(letters, end - letters);
  const bool ends_here = end == key.size() || !is_word(key[end]);
  if (letters == 0 || number.size() + 1 < kDigits || !ends_here) return std::nullopt;
  const std::string written(key.substr(0, end));
  if (letters != 1 || number.size() != kDigits) {
    return Reason{"key-technique", written + " is no number of an ATT&CK technique",
                  "write T and four digits"};
  }
  const auto known = std::ranges::lower_bound(kRenumbered, number, {}, &Renumbered::old_number);
  if (known == kRenumbered.end() || known->old_number != number) return std::nullopt;
  // A sub-technique of a number that is gone is as wrong.
  return Reason{"key-technique", "ATT&CK has no " + written + " any more",
                known->number.empty()
                    ? "take another technique"
                    : "write T" + std::string(known->number) + ", which it became"};
}

void check_key(std::string_view key, Place place, Findings& findings) {
  if (key.starts_with('-')) {
    findings.warning(place, {"key-option",
                             "the key is '" + std::string(key) +
                                 "', which looks like an option: is its value missing?",
                             "give -k a name"});
  }
  if (auto doubt = technique_doubt(key)) findings.warning(place, *std::move(doubt));
}

}  // namespace

void check_keys(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place, notes] : input.state.rules) {
    const Field* const field = find_in(rule, field::kKey);
    if (field == nullptr) continue;
    std::string_view rest = field->text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(kKeySeparator), rest.size());
      check_key(rest.substr(0, end), place, findings);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

}  // namespace sorrel::ruleset
