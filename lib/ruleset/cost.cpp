#include "ruleset/cost.h"

#include <algorithm>
#include <array>
#include <optional>

#include "record/tables/syscalls.h"
#include "ruleset/fields.h"
#include "ruleset/perm_calls.h"

namespace sorrel::ruleset {
namespace {

// All in instructions of Linux 6.1 on x86_64. Source: tests/guest/cost/run.py, its calibration.
constexpr double kPreparation = 340;
constexpr double kNames = 880;    // a call with a path
constexpr double kNotNamed = 19;  // a rule that does not name the call
constexpr double kNamed = 67;     // one that does, before its fields
constexpr double kArch = 48;
// A rule on a file, for each name of a call: found by inode in one of 32 lists, so this is a mean,
// and where the inodes fall together it is more.
constexpr double kFileRule = 3;

constexpr std::uint32_t kObjectUid = 109;
constexpr std::uint32_t kObjectGid = 110;
constexpr std::uint32_t kFirstLabel = 13;  // subj_user ...
constexpr std::uint32_t kLastLabel = 23;   // ... obj_lev_high
constexpr std::uint32_t kSession = 25;
constexpr std::uint32_t kDeviceMajor = 100;
constexpr std::uint32_t kFileType = 108;
constexpr std::uint32_t kFamily = 113;

bool names(const Rule& rule, std::uint32_t call) noexcept {
  return (rule.mask[call / 32] >> (call % 32) & 1U) != 0;
}

// The kernel keeps it by the file's inode, not in the list.
bool is_on_file(const Rule& rule) noexcept {
  return std::ranges::any_of(rule.fields, [](const Field& field) {
    return (field.id == field::kPath || field.id == field::kInode) && field.op == Op::equal;
  });
}

double field_cost(const Field& field, bool has_path) noexcept {
  switch (field.id) {
    case field::kArch:
      return kArch;
    case field::kPerm:
      return 87;
    case field::kExe:
      return 89;
    case field::kDir:
      return 37;
    case kObjectUid:
    case kObjectGid:
      return has_path ? 60 : 30;
    case kSession:
    case kFamily:
    case kFileType:
      return 35;
    default:
      break;
  }
  if (field.id >= kFirstLabel && field.id <= kLastLabel) return 22;
  if (field.id >= kDeviceMajor && field.id <= field::kInode) return has_path ? 85 : 32;
  if (field.id >= 5 && field.id <= 8) return 66;  // group ids: the others of the process, too
  return 48;
}

bool is_taken_to_hold(const Field& field) noexcept {
  return field.id == field::kAuid || field.id == field::kLoginuidSet || field.id == field::kPerm ||
         field.id == field::kKey;
}

constexpr auto kMix = std::to_array<MixedCall>({
    {"read", 0.22, false},
    {"write", 0.14, false},
    {"futex", 0.12, false},
    {"openat", 0.08, true},
    {"close", 0.09, false},
    {"newfstatat", 0.06, true},
    {"fstat", 0.04, false},
    {"mmap", 0.05, false},
    {"epoll_wait", 0.06, false},
    {"recvfrom", 0.04, false},
    {"sendto", 0.04, false},
    {"rt_sigaction", 0.02, false},
    {"lseek", 0.02, false},
    {"readlinkat", 0.004, true},
    {"unlinkat", 0.003, true},
    {"connect", 0.003, false},
    {"execve", 0.002, true},
    {"clone", 0.003, false},
});

}  // namespace

bool takes_path(std::string_view call) noexcept {
  if (call.ends_with("at") && !call.ends_with("stat")) return true;
  if (call == "stat" || call == "lstat" || call == "statx" || call == "newfstatat") return true;
  for (std::uint32_t bit = 1; bit <= 8; bit <<= 1) {
    const auto names = permission_calls(bit);
    if (std::ranges::find(names, call) != names.end()) return true;
  }
  return false;
}

double preparation_cost(bool has_path) noexcept {
  return has_path ? kPreparation + kNames : kPreparation;
}

double rule_cost(const Rule& rule, std::uint32_t arch, CostedCall call) noexcept {
  if (rule.list != List::exit) return 0;
  if (is_on_file(rule)) return call.has_path ? kFileRule : 0;
  if (!names(rule, call.number)) return kNotNamed;
  double cost = kNamed;
  for (const Field& field : rule.fields) {
    if (field.id == field::kKey) continue;
    cost += field_cost(field, call.has_path);
    const bool holds = field.id == field::kArch ? (field.value == arch) == (field.op == Op::equal)
                                                : is_taken_to_hold(field);
    if (!holds) break;
  }
  return cost;
}

double call_cost(std::span<const Rule> rules, std::uint32_t arch, CostedCall call) noexcept {
  double cost = 0;
  bool is_prepared = false;
  for (const Rule& rule : rules) {
    is_prepared = is_prepared || rule.list == List::exit;
    cost += rule_cost(rule, arch, call);
  }
  return is_prepared ? cost + preparation_cost(call.has_path) : 0;
}

std::span<const MixedCall> call_mix() noexcept {
  return kMix;
}

std::vector<double> mean_rule_costs(std::span<const Rule> rules, std::uint32_t arch) {
  std::vector<double> costs(rules.size(), 0.0);
  for (const MixedCall& call : kMix) {
    // Where an architecture lacks the call, another of its kind is made in its place.
    const auto number = record::syscall_number(arch, call.name);
    const CostedCall costed{number.value_or(kAnyCall.number), call.has_path};
    for (std::size_t i = 0; i < rules.size(); ++i) {
      costs[i] += call.share * rule_cost(rules[i], arch, costed);
    }
  }
  return costs;
}

}  // namespace sorrel::ruleset
