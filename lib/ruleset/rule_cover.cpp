#include "ruleset/rule_cover.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "ruleset/fields.h"
#include "ruleset/rule_facts.h"

namespace sorrel::ruleset {
namespace {

// Whether all that lies at `inner` lies in the folder `outer`.
bool is_below(std::string_view inner, std::string_view outer) noexcept {
  while (outer.size() > 1 && outer.ends_with('/')) outer.remove_suffix(1);
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

enum class Extent : std::uint8_t { whole, part };

// Whether `inner` can only hold where `outer` does; of permissions, whether all or any of them.
bool implies(const Field& inner, const Field& outer, Extent extent) noexcept {
  if (outer.id == field::kPerm) {
    if (inner.id != field::kPerm) return false;
    return extent == Extent::part ? (inner.value & outer.value) != 0
                                  : (inner.value & ~outer.value) == 0;
  }
  if (outer.id == field::kDir && (inner.id == field::kDir || inner.id == field::kPath)) {
    return is_below(inner.text, outer.text);
  }
  return inner == outer;
}

bool are_implied(const Rule& outer, const Rule& inner, Extent extent) noexcept {
  // A rule without arch is for both: one with it takes a part.
  const bool any_arch = extent == Extent::part && find_in(inner, field::kArch) == nullptr;
  return std::ranges::all_of(outer.fields, [&](const Field& one) {
    if (one.id == field::kKey || (one.id == field::kArch && any_arch)) return true;
    return std::ranges::any_of(inner.fields,
                               [&](const Field& other) { return implies(other, one, extent); });
  });
}

}  // namespace

bool covers(const Rule& earlier, const Rule& later) noexcept {
  return earlier.list == later.list && are_implied(earlier, later, Extent::whole) &&
         contains(earlier.mask, later.mask);
}

bool is_wider(const Rule& earlier, const Rule& later) noexcept {
  return earlier.list == later.list && are_implied(earlier, later, Extent::part);
}

std::uint64_t outline_of(const Rule& rule) noexcept {
  constexpr unsigned kFieldBits = 56;
  std::uint64_t bits = std::uint64_t{1} << (kFieldBits + static_cast<unsigned>(rule.list));
  for (const Field& field : rule.fields) {
    if (field.id == field::kKey || field.id == field::kArch || field.id == field::kPerm ||
        field.id == field::kDir)
      continue;
    std::size_t hash = std::hash<std::string_view>()(field.text);
    hash = hash * 31 + field.id;
    hash = hash * 31 + static_cast<std::uint32_t>(field.op);
    hash = hash * 31 + field.value;
    bits |= std::uint64_t{1} << (hash % kFieldBits);
  }
  return bits;
}

std::vector<std::uint64_t> outlines_of(const std::vector<PlacedRule>& rules) {
  std::vector<std::uint64_t> outlines;
  outlines.reserve(rules.size());
  for (const PlacedRule& one : rules) outlines.push_back(outline_of(one.rule));
  return outlines;
}

}  // namespace sorrel::ruleset
