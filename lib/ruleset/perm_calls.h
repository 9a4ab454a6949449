#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sorrel::ruleset {

// The system calls that perm= can concern: a rule with arch and perm, and without -S, is limited to
// them, as libaudit 3.1.3 and later do it, so that all other calls do not pay for it. The kernel
// decides by its own classes which of them it is (linux/include/asm-generic/audit_*.h), so a call
// too many costs little and a call too few is never seen.
// `permission` is one bit of perm=. The names are those of all architectures.
// Source: the table of libaudit 4.2.
std::span<const std::string_view> permission_calls(std::uint32_t permission) noexcept;

// What the kernel's classes have beyond that, all of 32-bit architectures.
std::span<const std::string_view> narrow_permission_calls(std::uint32_t permission) noexcept;

}  // namespace sorrel::ruleset
