#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sorrel::ruleset {

// What a call may do to the file that it is given, in the bits of perm= (x 1, w 2, r 4, a 8).
struct CallPermission {
  std::uint32_t sure = 0;
  std::uint32_t possible = 0;  // the records do not tell (openat2 has its flags in memory)
};

// By the call's class, and for open() by the flags among its arguments.
// Source: linux/kernel/auditsc.c, audit_match_perm().
CallPermission call_permission(std::string_view call,
                               const std::array<std::optional<std::uint64_t>, 4>& arguments);

}  // namespace sorrel::ruleset
