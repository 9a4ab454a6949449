#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "record/tables/arch.h"
#include "ruleset/arches.h"
#include "ruleset/call_table.h"
#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"

namespace sorrel::ruleset {
namespace {

using Mask = std::array<std::uint32_t, Rule::kMaskWords>;

void append_number(std::uint32_t number, std::string& out) {
  out += std::to_string(number);
  out += ' ';
}

// What a rule matches but for its calls: rules with the same condition complete each other.
std::string condition_of(const Rule& rule, bool with_arch) {
  std::string text;
  append_number(static_cast<std::uint32_t>(rule.list), text);
  append_number(static_cast<std::uint32_t>(rule.action), text);
  std::vector<std::string> fields;
  for (const Field& field : rule.fields) {
    if (field.id == field::kKey || (field.id == field::kArch && !with_arch)) continue;
    std::string one;
    append_number(field.id, one);
    append_number(static_cast<std::uint32_t>(field.op), one);
    append_number(field.value, one);
    fields.push_back(one + field.text + '\0');
  }
  std::ranges::sort(fields);
  for (const std::string& one : fields) text += one;
  return text;
}

std::uint32_t arch_of(const Rule& rule) noexcept {
  for (const Field& field : rule.fields) {
    if (field.id == field::kArch && field.op == Op::equal) return field.value;
  }
  return 0;
}

bool has_call(const Mask& mask, std::uint32_t number) noexcept {
  return (mask[number / 32] >> (number % 32) & 1U) != 0;
}

bool contains(const Mask& outer, const Mask& inner) noexcept {
  for (std::size_t i = 0; i < outer.size(); ++i) {
    if ((inner[i] & ~outer[i]) != 0) return false;
  }
  return true;
}

// Whether all that lies at `inner` lies in the folder `outer`.
bool is_below(std::string_view inner, std::string_view outer) noexcept {
  while (outer.size() > 1 && outer.ends_with('/')) outer.remove_suffix(1);
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

// Whether `inner` can only hold where `outer` does.
bool implies(const Field& inner, const Field& outer) noexcept {
  if (outer.id == field::kPerm) {
    return inner.id == field::kPerm && (inner.value & ~outer.value) == 0;
  }
  if (outer.id == field::kDir && (inner.id == field::kDir || inner.id == field::kPath)) {
    return is_below(inner.text, outer.text);
  }
  return inner == outer;
}

// Whether every event that `later` matches is matched by `earlier`.
bool covers(const Rule& earlier, const Rule& later) noexcept {
  const bool holds = std::ranges::all_of(earlier.fields, [&](const Field& outer) {
    return outer.id == field::kKey || std::ranges::any_of(later.fields, [&](const Field& inner) {
             return implies(inner, outer);
           });
  });
  return holds && earlier.list == later.list && contains(earlier.mask, later.mask);
}

// What rules out most pairs at once: a bit for the list, and one for each field that only an equal
// one implies. A rule can cover another only when the other has all of its bits.
std::uint64_t outline_of(const Rule& rule) noexcept {
  constexpr unsigned kFieldBits = 56;
  std::uint64_t bits = std::uint64_t{1} << (kFieldBits + static_cast<unsigned>(rule.list));
  for (const Field& field : rule.fields) {
    if (field.id == field::kKey || field.id == field::kPerm || field.id == field::kDir) continue;
    std::size_t hash = std::hash<std::string_view>()(field.text);
    hash = hash * 31 + field.id;
    hash = hash * 31 + static_cast<std::uint32_t>(field.op);
    hash = hash * 31 + field.value;
    bits |= std::uint64_t{1} << (hash % kFieldBits);
  }
  return bits;
}

struct Sibling {
  std::string_view call;
  std::string_view sibling;
};
// Calls that do the same; who watches the first and not the second is passed by.
constexpr auto kSiblings = std::to_array<Sibling>({
    {"open", "openat"},
    {"execve", "execveat"},
    {"chmod", "fchmodat"},
    {"chown", "fchownat"},
    {"unlink", "unlinkat"},
    {"rename", "renameat2"},
    {"renameat", "renameat2"},
    {"mkdir", "mkdirat"},
    {"mknod", "mknodat"},
    {"link", "linkat"},
    {"symlink", "symlinkat"},
    {"init_module", "finit_module"},
    {"accept", "accept4"},
    {"kexec_load", "kexec_file_load"},
});

struct SiblingNumbers {
  std::uint32_t call = 0;
  std::uint32_t sibling = 0;
  const Sibling* names = nullptr;
};

std::vector<SiblingNumbers> siblings_of(std::uint32_t arch) {
  const CallTable table(arch);
  std::vector<SiblingNumbers> all;
  for (const Sibling& one : kSiblings) {
    const auto call = table.number(one.call);
    const auto sibling = table.number(one.sibling);
    if (call && sibling) all.push_back({*call, *sibling, &one});
  }
  return all;
}

}  // namespace

void check_twins(const LintInput& input, Findings& findings) {
  const std::optional<std::uint32_t> narrow = narrow_arch(input.target.arch);
  if (!narrow || *narrow == input.target.arch) return;
  std::unordered_map<std::string, bool> has_narrow;
  for (const auto& [rule, place] : input.state.rules) {
    const std::uint32_t arch = arch_of(rule);
    if (arch == *narrow) has_narrow[condition_of(rule, false)] = true;
  }
  for (const auto& [rule, place] : input.state.rules) {
    if (arch_of(rule) != input.target.arch || rule.action != Action::always) continue;
    if (has_narrow.contains(condition_of(rule, false))) continue;
    findings.warning(place,
                     {"twin-missing", "programs for 32 bits pass this rule by: it is for b64 only",
                      "add the same rule with -F arch=b32"});
  }
}

void check_siblings(const LintInput& input, Findings& findings) {
  std::unordered_map<std::string, Mask> masks;
  for (const auto& [rule, place] : input.state.rules) {
    Mask& mask = masks[condition_of(rule, true)];
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] |= rule.mask[i];
  }
  std::map<std::uint32_t, std::vector<SiblingNumbers>> siblings;
  for (const auto& [rule, place] : input.state.rules) {
    if (rule.list != List::exit || rule.action != Action::always) continue;
    const std::uint32_t arch = arch_of(rule) != 0 ? arch_of(rule) : input.target.arch;
    const auto [known, is_new] = siblings.try_emplace(arch);
    if (is_new) known->second = siblings_of(arch);
    const Mask& mask = masks[condition_of(rule, true)];
    for (const SiblingNumbers& one : known->second) {
      if (!has_call(rule.mask, one.call) || has_call(mask, one.sibling)) continue;
      const std::string sibling(one.names->sibling);
      const bool is_open = one.names->call == "open";
      findings.warning(place,
                       {"call-sibling",
                        is_open ? "programs open files by openat, which the rule lacks"
                                : "the same can be done by " + sibling + ", which the rule lacks",
                        "add -S " + sibling});
    }
  }
}

void check_shadows(const LintInput& input, Findings& findings) {
  const std::vector<PlacedRule>& rules = input.state.rules;
  constexpr std::size_t kMaxDistance = 5000;  // each rule is compared with so many before it
  std::vector<std::uint64_t> outlines;
  outlines.reserve(rules.size());
  for (const PlacedRule& one : rules) outlines.push_back(outline_of(one.rule));
  for (std::size_t later = 0; later < rules.size(); ++later) {
    std::size_t earlier = later > kMaxDistance ? later - kMaxDistance : 0;
    for (; earlier < later; ++earlier) {
      if ((outlines[earlier] & ~outlines[later]) != 0) continue;
      if (!covers(rules[earlier].rule, rules[later].rule)) continue;
      const Place& by = rules[earlier].place;
      std::string where = "line " + std::to_string(by.line);
      if (by.file != rules[later].place.file && by.file < input.script.files.size()) {
        where += " of " + input.script.files[by.file];
      }
      findings.warning(rules[later].place,
                       {"rule-shadowed",
                        "the rule of " + where + " matches all that this one does, and comes first",
                        "put this rule before it, or remove one of them"});
      break;
    }
  }
}

}  // namespace sorrel::ruleset
