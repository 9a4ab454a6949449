#include "ruleset/fields.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace sorrel::ruleset {
namespace {

constexpr ListSet kExit = list_bit(List::exit);
constexpr ListSet kUser = list_bit(List::user);
constexpr ListSet kTask = list_bit(List::task);
constexpr ListSet kExclude = list_bit(List::exclude);
constexpr ListSet kUring = list_bit(List::io_uring);
constexpr ListSet kFilesystem = list_bit(List::filesystem);
constexpr ListSet kCalls = kExit | kUring;
constexpr ListSet kProcess = kCalls | kUser | kTask;  // what a process is known by
constexpr ListSet kEverywhere = kProcess | kExclude;

// Bits of AUDIT_FEATURE_BITMAP_*.
constexpr std::uint32_t kFeatureExe = 0x4;
constexpr std::uint32_t kFeatureSession = 0x10;
constexpr std::uint32_t kFeatureFilesystem = 0x40;

using enum ValueKind;
// The lists are those where the kernel and libaudit take a field.
constexpr auto kFields = std::to_array<FieldInfo>({
    {"pid", 0, number, kEverywhere, kOpsOrder, 0, {}},
    {"uid", 1, user, kEverywhere, kOpsOrder, 0, {}},
    {"euid", 2, user, kProcess, kOpsOrder, 0, {}},
    {"suid", 3, user, kProcess, kOpsOrder, 0, {}},
    {"fsuid", 4, user, kProcess, kOpsOrder, 0, {}},
    {"gid", 5, group, kEverywhere, kOpsOrder, 0, {}},
    {"egid", 6, group, kProcess, kOpsOrder, 0, {}},
    {"sgid", 7, group, kProcess, kOpsOrder, 0, {}},
    {"fsgid", 8, group, kProcess, kOpsOrder, 0, {}},
    {"auid", 9, user, kEverywhere, kOpsOrder, 0, {}},
    {"loginuid", 9, user, kEverywhere, kOpsOrder, 0, {}},
    {"pers", 10, number, kProcess, kOpsAll, 0, {}},
    {"arch", 11, ValueKind::arch, kProcess, kOpsEquality, 0, {}},
    {"msgtype", 12, message_type, kExclude | kUser, kOpsOrder, 0, {}},
    {"subj_user", 13, label, kEverywhere, kOpsEquality, 0, {}},
    {"subj_role", 14, label, kEverywhere, kOpsEquality, 0, {}},
    {"subj_type", 15, label, kEverywhere, kOpsEquality, 0, {}},
    {"subj_sen", 16, label, kEverywhere, kOpsOrder, 0, {}},
    {"subj_clr", 17, label, kEverywhere, kOpsOrder, 0, {}},
    {"ppid", 18, number, kCalls, kOpsOrder, 0, {}},
    {"obj_user", 19, label, kCalls, kOpsEquality, 0, {}},
    {"obj_role", 20, label, kCalls, kOpsEquality, 0, {}},
    {"obj_type", 21, label, kCalls, kOpsEquality, 0, {}},
    {"obj_lev_low", 22, label, kCalls, kOpsOrder, 0, {}},
    {"obj_lev_high", 23, label, kCalls, kOpsOrder, 0, {}},
    {"loginuid_set", 24, number, kEverywhere, kOpsEquality, 0, {3, 10}},
    {"sessionid", 25, session, kCalls | kUser, kOpsOrder, kFeatureSession, {4, 10}},
    {"fstype", 26, filesystem, kFilesystem, kOpsEquality, kFeatureFilesystem, {4, 16}},
    {"devmajor", 100, number, kCalls, kOpsOrder, 0, {}},
    {"devminor", 101, number, kCalls, kOpsAll, 0, {}},
    {"inode", 102, number, kCalls, kOpsEquality, 0, {}},
    {"exit", 103, exit_code, kCalls, kOpsOrder, 0, {}},
    {"success", 104, ValueKind::success, kCalls, kOpsOrder, 0, {}},
    {"path", 105, path, kCalls, kOpEqual, 0, {}},
    {"perm", 106, permission, kExit, kOpEqual, 0, {}},
    {"dir", 107, path, kCalls, kOpEqual, 0, {}},
    {"filetype", 108, file_type, kCalls, kOpsEquality, 0, {}},
    {"obj_uid", 109, user, kProcess, kOpsOrder, 0, {3, 3}},
    {"obj_gid", 110, group, kProcess, kOpsOrder, 0, {3, 3}},
    {"field_compare", 111, comparison, kProcess, kOpsEquality, 0, {3, 3}},
    {"exe", 112, path, kEverywhere, kOpsEquality, kFeatureExe, {4, 3}},
    {"saddr_fam", 113, family, kProcess, kOpsOrder, 0, {5, 3}},
    {"a0", 200, signed_number, kProcess, kOpsAll, 0, {}},
    {"a1", 201, signed_number, kProcess, kOpsAll, 0, {}},
    {"a2", 202, signed_number, kProcess, kOpsAll, 0, {}},
    {"a3", 203, signed_number, kProcess, kOpsAll, 0, {}},
    {"key", 210, ValueKind::key, kEverywhere | kFilesystem, kOpEqual, 0, {}},
});

struct OpName {
  Op op;
  std::string_view symbol;
};
// In the order of the bits of OpSet.
constexpr auto kOps = std::to_array<OpName>({
    {Op::equal, "="},
    {Op::not_equal, "!="},
    {Op::less, "<"},
    {Op::less_or_equal, "<="},
    {Op::greater, ">"},
    {Op::greater_or_equal, ">="},
    {Op::bit_mask, "&"},
    {Op::bit_test, "&="},
});

constexpr auto kLists = std::to_array<std::pair<List, std::string_view>>({
    {List::user, "user"},
    {List::task, "task"},
    {List::exit, "exit"},
    {List::exclude, "exclude"},
    {List::filesystem, "filesystem"},
    {List::io_uring, "io_uring"},
});

// AUDIT_COMPARE_*: index + 1 is the number.
constexpr auto kComparisons = std::to_array<ComparedFields>({
    {"uid", "obj_uid"},   {"gid", "obj_gid"},  {"euid", "obj_uid"}, {"egid", "obj_gid"},
    {"auid", "obj_uid"},  {"suid", "obj_uid"}, {"sgid", "obj_gid"}, {"fsuid", "obj_uid"},
    {"fsgid", "obj_gid"}, {"uid", "auid"},     {"uid", "euid"},     {"uid", "fsuid"},
    {"uid", "suid"},      {"auid", "fsuid"},   {"auid", "suid"},    {"auid", "euid"},
    {"euid", "suid"},     {"euid", "fsuid"},   {"suid", "fsuid"},   {"gid", "egid"},
    {"gid", "fsgid"},     {"gid", "sgid"},     {"egid", "fsgid"},   {"egid", "sgid"},
    {"sgid", "fsgid"},
});

// "a", "a or b", "a, b or c"
std::string join_names(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace

const FieldInfo* find_field(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kFields, name, &FieldInfo::name);
  return found == kFields.end() ? nullptr : found;
}

const FieldInfo* find_field(std::uint32_t id) noexcept {
  const auto* const found = std::ranges::find(kFields, id, &FieldInfo::id);
  return found == kFields.end() ? nullptr : found;
}

std::span<const FieldInfo> all_fields() noexcept {
  return kFields;
}

bool has_text(std::uint32_t field_id) noexcept {
  const FieldInfo* const info = find_field(field_id);
  return info != nullptr && (info->kind == ValueKind::path || info->kind == ValueKind::label ||
                             info->kind == ValueKind::key);
}

std::string_view op_symbol(Op op) noexcept {
  const auto* const found = std::ranges::find(kOps, op, &OpName::op);
  return found == kOps.end() ? std::string_view{} : found->symbol;
}

bool is_in(Op op, OpSet set) noexcept {
  for (std::size_t i = 0; i < kOps.size(); ++i) {
    if (kOps[i].op == op) return (set >> i & 1U) != 0;
  }
  return false;
}

std::string op_names(OpSet set) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kOps.size(); ++i) {
    if ((set >> i & 1U) != 0) names.push_back(kOps[i].symbol);
  }
  return join_names(names);
}

std::string_view list_name(List list) noexcept {
  const auto* const found =
      std::ranges::find(kLists, list, [](const auto& row) { return row.first; });
  return found == kLists.end() ? std::string_view{} : found->second;
}

std::optional<List> find_list(std::string_view name) noexcept {
  for (const auto& [list, its_name] : kLists) {
    if (its_name == name) return list;
  }
  return std::nullopt;
}

std::string list_names(ListSet set) {
  std::vector<std::string_view> names;
  for (const auto& [list, its_name] : kLists) {
    if ((set & list_bit(list)) != 0) names.push_back(its_name);
  }
  return join_names(names);
}

std::string_view action_name(Action action) noexcept {
  return action == Action::always ? "always" : "never";
}

std::optional<std::uint32_t> find_comparison(std::string_view left,
                                             std::string_view right) noexcept {
  if (left == "loginuid") left = "auid";
  if (right == "loginuid") right = "auid";
  for (std::size_t i = 0; i < kComparisons.size(); ++i) {
    const ComparedFields& pair = kComparisons[i];
    if ((pair.left == left && pair.right == right) || (pair.left == right && pair.right == left)) {
      return static_cast<std::uint32_t>(i + 1);
    }
  }
  return std::nullopt;
}

std::optional<ComparedFields> comparison_fields(std::uint32_t comparison) noexcept {
  if (comparison == 0 || comparison > kComparisons.size()) return std::nullopt;
  return kComparisons[comparison - 1];
}

}  // namespace sorrel::ruleset
