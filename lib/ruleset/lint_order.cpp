#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ruleset/call_table.h"
#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"
#include "ruleset/lint_paths.h"
#include "ruleset/perm_calls.h"
#include "ruleset/rule_cover.h"
#include "ruleset/rule_facts.h"
#include "ruleset/rule_form.h"

// The first rule that matches decides: one that stands behind a wider one is never asked.
namespace sorrel::ruleset {
namespace {

constexpr std::size_t kMaxDistance = 5000;  // each rule is compared with so many before it

// The rules with the folders of their paths as the kernel finds them: /bin/su is /usr/bin/su where
// /bin is a link.
class RealRules {
 public:
  explicit RealRules(const LintInput& input) {
    all_.reserve(input.state.rules.size());
    RealPaths paths(input.target);
    for (const PlacedRule& one : input.state.rules) all_.push_back(&real(one.rule, paths));
  }
  const Rule& operator[](std::size_t i) const { return *all_[i]; }
  std::uint64_t outline(std::size_t i) const { return outline_of(*all_[i]); }

 private:
  const Rule& real(const Rule& rule, RealPaths& paths) {
    for (std::size_t i = 0; i < rule.fields.size(); ++i) {
      if (!is_path(rule.fields[i])) continue;
      const std::string& place = paths.with_real_folder(rule.fields[i].text);
      if (place == rule.fields[i].text) continue;
      Rule& changed = changed_.emplace_back(rule);
      changed.fields[i].text = place;
      changed.fields[i].value = static_cast<std::uint32_t>(place.size());
      return changed;
    }
    return rule;
  }

  std::vector<const Rule*> all_;
  std::deque<Rule> changed_;
};

// Calls of rules as far as they can match: of one with perm= and without -S those that it can
// concern.
class MeantCalls {
 public:
  explicit MeantCalls(const Target& target) : target_(target) {}

  CallMask of(const Rule& rule, std::uint32_t arch) {
    const Field* const permission = find_in(rule, field::kPerm);
    if (permission == nullptr || !has_all_calls(rule)) return rule.mask;
    if (arch == 0) arch = target_.arch;
    const auto [known, is_new] = masks_.try_emplace({arch, permission->value});
    if (is_new) known->second = calls_of(arch, permission->value);
    return known->second;
  }

 private:
  static CallMask calls_of(std::uint32_t arch, std::uint32_t permission) {
    CallMask mask = {};
    const CallTable table(arch);
    for (std::uint32_t bit = 1; bit <= 8; bit *= 2) {
      if ((permission & bit) == 0) continue;
      for (const auto& names : {permission_calls(bit), narrow_permission_calls(bit)}) {
        for (const std::string_view name : names) {
          if (const auto number = table.number(name)) mask[*number / 32] |= 1U << (*number % 32);
        }
      }
    }
    return mask;
  }

  const Target& target_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, CallMask> masks_;
};

std::string line_of(const LintInput& input, Place by, Place from) {
  std::string where = "line " + std::to_string(by.line);
  if (by.file != from.file && by.file < input.script.files.size()) {
    where += " of " + input.script.files[by.file];
  }
  return where;
}

Reason covered(const std::string& where, bool is_same_text) {
  if (is_same_text) {
    return {"rule-shadowed",
            "the rule of " + where + " matches all that this one does, and comes first",
            "put this rule before it, or remove one of them"};
  }
  return {"path-same",
          "the rule of " + where +
              " is about the same file: a folder of one of the paths is a link. It matches all "
              "that this one does, and comes first",
          "keep the one with the path that leads through no link"};
}

CallMask common(CallMask a, const CallMask& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] &= b[i];
  return a;
}

std::ptrdiff_t count_calls(const CallMask& mask) {
  std::ptrdiff_t count = 0;
  for (const std::uint32_t word : mask) count += std::popcount(word);
  return count;
}

// Whether the earlier rule takes what is the later one's: anything of a rule that is to keep quiet,
// at least half of one with a key of its own. Less is often meant so: a few calls in a folder
// first, then all changes of one of its files.
bool takes_wrongly(const Rule& earlier, const Rule& later, MeantCalls& calls) {
  const std::uint32_t arch = arch_of(earlier) != 0 ? arch_of(earlier) : arch_of(later);
  const CallMask meant = calls.of(later, arch);
  const CallMask taken = common(calls.of(earlier, arch), meant);
  if (count_calls(taken) == 0 || earlier.action == Action::never) return false;
  if (later.action == Action::never) return true;
  const Field* const earlier_key = find_in(earlier, field::kKey);
  const Field* const later_key = find_in(later, field::kKey);
  return earlier_key != nullptr && later_key != nullptr && earlier_key->text != later_key->text &&
         !covers(later, earlier) && 2 * count_calls(taken) >= count_calls(meant);
}

Reason overtaken(const std::string& where, const Rule& earlier, const Rule& later) {
  if (earlier.action == Action::always && later.action == Action::never) {
    return {"rule-order",
            "the rule of " + where +
                " reports some of what this one is to keep quiet, and comes "
                "first",
            "put this rule before it"};
  }
  return {"rule-order",
          "the rule of " + where +
              " takes some of the calls or permissions of this one, and "
              "comes first",
          "put this rule before it: narrow rules first"};
}

}  // namespace

void check_order(const LintInput& input, Findings& findings) {
  const std::vector<PlacedRule>& rules = input.state.rules;
  const RealRules real(input);
  MeantCalls calls(input.target);
  std::vector<std::uint64_t> outlines;
  outlines.reserve(rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) outlines.push_back(real.outline(i));
  for (std::size_t later = 0; later < rules.size(); ++later) {
    const Place place = rules[later].place;
    std::size_t part = later;  // the first rule that takes a part
    std::size_t earlier = later > kMaxDistance ? later - kMaxDistance : 0;
    for (; earlier < later; ++earlier) {
      if ((outlines[earlier] & ~outlines[later]) != 0) continue;
      if (!is_wider(real[earlier], real[later])) continue;
      if (covers(real[earlier], real[later])) {
        const bool is_same_text = covers(rules[earlier].rule, rules[later].rule);
        findings.warning(place, covered(line_of(input, rules[earlier].place, place), is_same_text));
        break;
      }
      if (part != later || is_any_match(real[later].list)) continue;
      if (takes_wrongly(real[earlier], real[later], calls)) part = earlier;
    }
    if (earlier != later || part == later) continue;
    findings.warning(place,
                     overtaken(line_of(input, rules[part].place, place), real[part], real[later]));
  }
}

}  // namespace sorrel::ruleset
