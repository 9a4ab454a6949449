#pragma once

#include "ruleset/rule.h"

namespace sorrel::ruleset {

// Whether `left op right` holds, as the kernel compares numbers.
// Source: linux/kernel/auditfilter.c, audit_comparator().
template <class T>
bool holds(Op op, T left, T right) noexcept {
  switch (op) {
    case Op::equal:
      return left == right;
    case Op::not_equal:
      return left != right;
    case Op::less:
      return left < right;
    case Op::greater:
      return left > right;
    case Op::less_or_equal:
      return left <= right;
    case Op::greater_or_equal:
      return left >= right;
    case Op::bit_mask:
      return (left & right) != 0;
    case Op::bit_test:
      return (left & right) == right;
  }
  return false;
}

}  // namespace sorrel::ruleset
