#include "ruleset/rule_disjoint.h"

#include <algorithm>

#include "ruleset/comparison.h"
#include "ruleset/fields.h"
#include "ruleset/rule_facts.h"

namespace sorrel::ruleset {
namespace {

// An event has one value of it: not so of files, of which it may have many, and of groups, of which
// a process has more. Two paths of exe= may be one program, by links.
bool has_one_value(std::uint32_t id) noexcept {
  constexpr std::uint32_t kParent = 18;
  constexpr std::uint32_t kSession = 25;
  constexpr std::uint32_t kLastUser = 4;  // pid, uid, euid, suid, fsuid
  return id <= kLastUser || id == field::kAuid || id == field::kArch || id == kParent ||
         id == kSession || (id >= field::kA0 && id <= field::kA3);
}

bool holds_for(const Field& condition, const Field& value) noexcept {
  if (!has_text(condition.id)) return holds(condition.op, value.value, condition.value);
  const bool is_equal = condition.text == value.text;
  return condition.op == Op::not_equal ? !is_equal : is_equal;
}

// Whether a value that `a` asks for is one that `b` refuses.
bool contradicts(const Rule& a, const Rule& b) noexcept {
  return std::ranges::any_of(a.fields, [&](const Field& value) {
    if (value.op != Op::equal || !has_one_value(value.id)) return false;
    return std::ranges::any_of(b.fields, [&](const Field& condition) {
      return condition.id == value.id && !holds_for(condition, value);
    });
  });
}

}  // namespace

bool are_disjoint(const Rule& a, const Rule& b) noexcept {
  return a.list != b.list || !overlaps(a.mask, b.mask) || contradicts(a, b) || contradicts(b, a);
}

}  // namespace sorrel::ruleset
