#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ruleset/fields.h"
#include "ruleset/finding.h"

namespace sorrel::ruleset {

inline constexpr std::uint32_t kUnsetId = 0xffffffff;
inline constexpr std::size_t kMaxKeyBytes = 256;    // AUDIT_MAX_KEY_LEN
inline constexpr std::size_t kMaxPathBytes = 4095;  // PATH_MAX, with its end
inline constexpr std::size_t kMaxNameBytes = 255;   // NAME_MAX

// The value of a field as far as it can be known without a target: names of users and groups, b64
// and b32, and texts have no `number`.
struct FieldValue {
  std::optional<std::uint32_t> number;
  // It is used, but not as written, or it does what few would expect.
  std::optional<Reason> doubt = {};
};

// Reads the value of `-F NAME OP VALUE`. libaudit takes part of a number, or 0, for what it does
// not understand; here that is refused, and it is said why.
std::variant<FieldValue, Reason> read_value(const FieldInfo& field, Op op, std::string_view text);

// Why a path cannot be watched; nothing when it can.
std::optional<Reason> path_problem(std::string_view path);

// The bits of perm=, in any order and case. Nothing when `text` has other letters.
std::optional<std::uint32_t> permission_bits(std::string_view text) noexcept;
std::string permission_letters(std::uint32_t bits);

}  // namespace sorrel::ruleset
