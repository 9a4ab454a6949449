#pragma once

#include "ruleset/rule.h"

namespace sorrel::ruleset {

// Whether it is sure that no event matches both: they name no call in common, or a field that has
// one value only (uid, pid, arch ...) would have to have two. False: not known.
bool are_disjoint(const Rule& a, const Rule& b) noexcept;

// Whether `left op right` holds, as the kernel compares numbers.
// Source: linux/kernel/auditfilter.c, audit_comparator().
bool compare_numbers(Op op, std::uint32_t left, std::uint32_t right) noexcept;

}  // namespace sorrel::ruleset
