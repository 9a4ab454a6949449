#include "ruleset/optimize.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "record/tables/arch.h"
#include "ruleset/arches.h"
#include "ruleset/call_table.h"
#include "ruleset/fields.h"
#include "ruleset/perm_calls.h"
#include "ruleset/rule_disjoint.h"
#include "ruleset/rule_facts.h"

namespace sorrel::ruleset {
namespace {

// Far more than a ruleset has between two rules of one kind; a limit for our time.
constexpr std::size_t kMaxDistance = 1'000;
constexpr std::uint32_t kPermissions = 4;
constexpr std::uint32_t kWriteBit = 1;

std::string lines(std::string_view what, const Place& place) {
  return std::string(what) + " line " + std::to_string(place.line);
}

void add_call(std::string_view name, const CallTable& table, CallMask& mask) {
  const auto number = table.number(name);
  if (number) mask[*number / 32] |= 1U << (*number % 32);
}

// The calls that the kernel can count to a permission on an architecture.
// Source: linux/kernel/auditsc.c, audit_match_perm(); perm_calls.h.
class PermissionMasks {
 public:
  explicit PermissionMasks(std::uint32_t arch) : table_(arch) {
    for (std::uint32_t bit = 0; bit < kPermissions; ++bit) {
      for (const auto names : {permission_calls(1U << bit), narrow_permission_calls(1U << bit)}) {
        for (const std::string_view name : names) add_call(name, table_, masks_[bit]);
      }
    }
    // bind() of 32-bit architectures.
    add_call("socketcall", table_, masks_[kWriteBit]);
  }

  bool is_known() const noexcept { return table_.is_known(); }
  std::uint32_t arch() const noexcept { return table_.arch(); }
  CallMask of(std::uint32_t permissions) const noexcept {
    CallMask mask{};
    for (std::uint32_t bit = 0; bit < kPermissions; ++bit) {
      if ((permissions >> bit & 1U) == 0) continue;
      for (std::size_t i = 0; i < mask.size(); ++i) mask[i] |= masks_[bit][i];
    }
    return mask;
  }

 private:
  CallTable table_;
  std::array<CallMask, kPermissions> masks_{};
};

bool is_on_folder(const Rule& rule) noexcept {
  const Field* const perm = find_in(rule, field::kPerm);
  return rule.list == List::exit && has_all_calls(rule) && perm != nullptr &&
         perm->op == Op::equal && find_in(rule, field::kDir) != nullptr &&
         find_in(rule, field::kArch) == nullptr;
}

PlacedRule narrowed(const PlacedRule& placed, const PermissionMasks& masks) {
  PlacedRule made = placed;
  made.rule.mask = masks.of(find_in(placed.rule, field::kPerm)->value);
  made.rule.fields.insert(made.rule.fields.begin(),
                          Field{field::kArch, Op::equal, masks.arch(), {}});
  made.notes.push_back(
      "limited to the calls that the permission is about, for each of the host's "
      "architectures: the same events, and all other calls go free");
  return made;
}

std::uint32_t single_key(const Rule& rule) {
  return static_cast<std::uint32_t>(std::ranges::count(rule.fields, field::kKey, &Field::id));
}

// What an event gets from the rule: a rule that gives the same may go first.
bool have_same_outcome(const Rule& a, const Rule& b) noexcept {
  if (a.action != b.action) return false;
  if (a.action == Action::never) return true;
  const Field* const left = find_in(a, field::kKey);
  const Field* const right = find_in(b, field::kKey);
  return left != nullptr && right != nullptr ? left->text == right->text : left == right;
}

bool may_merge(const Rule& a, const Rule& b) {
  const bool has_calls = a.list == List::exit || a.list == List::io_uring;
  return has_calls && a.list == b.list && a.action == b.action && a.fields == b.fields &&
         !has_all_calls(a) && !has_all_calls(b) && single_key(a) <= 1;
}

// Whether `rules[from]` can stand at `to` (before it) with every event decided as before.
bool can_move_up(const std::vector<PlacedRule>& rules, std::size_t from, std::size_t to) {
  const Rule& moving = rules[from].rule;
  for (std::size_t i = to; i < from; ++i) {
    const Rule& passed = rules[i].rule;
    if (passed.list != moving.list || have_same_outcome(passed, moving)) continue;
    if (!are_disjoint(passed, moving)) return false;
  }
  return true;
}

// The first rule before `at` that it can become a part of.
std::optional<std::size_t> partner(const std::vector<PlacedRule>& rules, std::size_t at) {
  const std::size_t first = at > kMaxDistance ? at - kMaxDistance : 0;
  for (std::size_t i = first; i < at; ++i) {
    if (may_merge(rules[i].rule, rules[at].rule) && can_move_up(rules, at, i + 1)) return i;
  }
  return std::nullopt;
}

}  // namespace

void narrow_folders(std::vector<PlacedRule>& rules, const Target& target) {
  if (std::ranges::none_of(rules, [](const auto& one) { return is_on_folder(one.rule); })) return;
  std::vector<PermissionMasks> abis;
  abis.emplace_back(target.arch);
  if (const auto narrow = narrow_arch(target.arch)) abis.emplace_back(*narrow);
  if (!std::ranges::all_of(abis, &PermissionMasks::is_known)) return;
  std::vector<PlacedRule> made;
  made.reserve(rules.size() + abis.size());
  for (PlacedRule& placed : rules) {
    if (!is_on_folder(placed.rule) || placed.rule.fields.size() == Rule::kMaxFields) {
      made.push_back(std::move(placed));
      continue;
    }
    for (const PermissionMasks& masks : abis) made.push_back(narrowed(placed, masks));
  }
  rules = std::move(made);
}

void merge_calls(std::vector<PlacedRule>& rules) {
  std::vector<PlacedRule> kept;
  kept.reserve(rules.size());
  for (PlacedRule& placed : rules) {
    kept.push_back(std::move(placed));
    const auto into = partner(kept, kept.size() - 1);
    if (!into) continue;
    const PlacedRule merged = std::move(kept.back());
    kept.pop_back();
    PlacedRule& target = kept[*into];
    for (std::size_t i = 0; i < target.rule.mask.size(); ++i) {
      target.rule.mask[i] |= merged.rule.mask[i];
    }
    target.notes.push_back(lines("has the calls of", merged.place) + ", which is else the same");
  }
  rules = std::move(kept);
}

void move_never_first(std::vector<PlacedRule>& rules) {
  for (std::size_t at = 0; at < rules.size(); ++at) {
    const Rule& rule = rules[at].rule;
    if (rule.action != Action::never || rule.list != List::exit || has_all_calls(rule)) continue;
    std::size_t to = at;
    std::size_t goal = at;  // beyond the last `always` that it passes
    while (to > 0 && at - to < kMaxDistance) {
      const Rule& passed = rules[to - 1].rule;
      const bool is_always = passed.list == List::exit && passed.action == Action::always;
      if (is_always && !are_disjoint(passed, rule)) break;
      --to;
      if (is_always) goal = to;
    }
    if (goal == at) continue;
    rules[at].notes.push_back(
        lines("stands before", rules[goal].place) +
        ": it matches nothing that those between do, and what it keeps quiet passes them");
    std::rotate(rules.begin() + static_cast<std::ptrdiff_t>(goal),
                rules.begin() + static_cast<std::ptrdiff_t>(at),
                rules.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

void optimize(std::vector<PlacedRule>& rules, const Target& target,
              const OptimizeOptions& options) {
  if (options.narrow_folders) narrow_folders(rules, target);
  if (options.merge) merge_calls(rules);
  if (options.never_first) move_never_first(rules);
}

}  // namespace sorrel::ruleset
