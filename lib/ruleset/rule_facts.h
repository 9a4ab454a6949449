#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "ruleset/rule.h"

// Questions about one rule that several checks ask.
namespace sorrel::ruleset {

using CallMask = std::array<std::uint32_t, Rule::kMaskWords>;

// The first field with that number; null when the rule has none. Valid while `rule` is unchanged.
const Field* find_in(const Rule& rule, std::uint32_t id) noexcept;

// Of arch=; 0 when the rule has none.
std::uint32_t arch_of(const Rule& rule) noexcept;

bool has_call(const CallMask& mask, std::uint32_t number) noexcept;
// Whether `outer` has all calls of `inner`, and whether they have any in common.
bool contains(const CallMask& outer, const CallMask& inner) noexcept;
bool overlaps(const CallMask& a, const CallMask& b) noexcept;
// As a rule without -S has them.
bool has_all_calls(const Rule& rule) noexcept;

// How many fields narrow the rule: all but the key and arch.
std::ptrdiff_t narrowing_fields(const Rule& rule) noexcept;

// Whether it compares an argument of the call, a0 to a3.
bool is_argument(const Field& field) noexcept;
bool has_arguments(const Rule& rule) noexcept;

// What a rule matches but for its calls: rules with the same condition complete each other.
std::string condition_of(const Rule& rule, bool with_arch);

}  // namespace sorrel::ruleset
