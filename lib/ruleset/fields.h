#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ruleset/rule.h"

// The fields of -F, by name and number, and where each of them may stand.
// Sources: linux/include/uapi/linux/audit.h; linux/kernel/auditfilter.c, audit_field_valid().
namespace sorrel::ruleset {

namespace field {
inline constexpr std::uint32_t kPid = 0;
inline constexpr std::uint32_t kUid = 1;
inline constexpr std::uint32_t kEuid = 2;
inline constexpr std::uint32_t kAuid = 9;
inline constexpr std::uint32_t kArch = 11;
inline constexpr std::uint32_t kMsgType = 12;
inline constexpr std::uint32_t kSubjUser = 13;
inline constexpr std::uint32_t kSubjClearance = 17;
inline constexpr std::uint32_t kLoginuidSet = 24;
inline constexpr std::uint32_t kPath = 105;
inline constexpr std::uint32_t kPerm = 106;
inline constexpr std::uint32_t kDir = 107;
inline constexpr std::uint32_t kInode = 102;
inline constexpr std::uint32_t kExit = 103;
inline constexpr std::uint32_t kSuccess = 104;
inline constexpr std::uint32_t kFieldCompare = 111;
inline constexpr std::uint32_t kExe = 112;
inline constexpr std::uint32_t kA0 = 200;
inline constexpr std::uint32_t kA1 = 201;
inline constexpr std::uint32_t kA2 = 202;
inline constexpr std::uint32_t kA3 = 203;
inline constexpr std::uint32_t kKey = 210;
}  // namespace field

// How the value of a field is written.
enum class ValueKind : std::uint8_t {
  number,         // 0 to 2^32 - 1
  signed_number,  // also negative
  user,           // a number, a name, or unset where the kernel takes it
  group,
  session,
  arch,
  message_type,
  exit_code,  // a number, or an errno name
  success,
  family,      // of socket addresses
  filesystem,  // tracefs ...
  file_type,
  permission,  // of r, w, x, a
  comparison,  // a number of AUDIT_COMPARE_*
  path,        // an absolute path
  label,       // part of a security context
  key,
};

// Sets of operators, as bits of OpSet.
using OpSet = std::uint8_t;
inline constexpr OpSet kOpEqual = 1;
inline constexpr OpSet kOpsEquality = 3;
inline constexpr OpSet kOpsOrder = 0x3f;
inline constexpr OpSet kOpsAll = 0xff;

// Sets of lists: bit n is the list with number n.
using ListSet = std::uint8_t;
constexpr ListSet list_bit(List list) noexcept {
  return static_cast<ListSet>(1U << static_cast<unsigned>(list));
}

struct KernelVersion {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;

  friend auto operator<=>(const KernelVersion&, const KernelVersion&) = default;
};

struct FieldInfo {
  std::string_view name;
  std::uint32_t id = 0;
  ValueKind kind = ValueKind::number;
  ListSet lists = 0;
  OpSet ops = 0;
  std::uint32_t feature = 0;  // the bit of the kernel's feature bitmap that it needs
  KernelVersion since = {};   // the kernel that began to know it; 0.0: all
};

// Null when there is no such field.
const FieldInfo* find_field(std::string_view name) noexcept;
const FieldInfo* find_field(std::uint32_t id) noexcept;
std::span<const FieldInfo> all_fields() noexcept;

// Whether the kernel has the value of a field as text behind the rule.
bool has_text(std::uint32_t field_id) noexcept;

// "!="; empty for what is no operator.
std::string_view op_symbol(Op op) noexcept;
bool is_in(Op op, OpSet set) noexcept;
// "= or !="
std::string op_names(OpSet set);

std::string_view list_name(List list) noexcept;
std::optional<List> find_list(std::string_view name) noexcept;
// "exit, io_uring"
std::string list_names(ListSet set);
std::string_view action_name(Action action) noexcept;

// What a pair of -C compares: AUDIT_COMPARE_*, in either order.
std::optional<std::uint32_t> find_comparison(std::string_view left,
                                             std::string_view right) noexcept;
struct ComparedFields {
  std::string_view left;
  std::string_view right;
};
std::optional<ComparedFields> comparison_fields(std::uint32_t comparison) noexcept;

}  // namespace sorrel::ruleset
