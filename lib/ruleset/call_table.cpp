#include "ruleset/call_table.h"

#include <algorithm>
#include <array>

#include "record/tables/arch.h"
#include "record/tables/syscalls.h"
#include "ruleset/names.h"

namespace sorrel::ruleset {

CallTable::CallTable(std::uint32_t arch) : arch_(arch) {
  constexpr std::uint32_t kMaxCall = 1024;  // of the usual calls; arm's own ones lie far above
  for (std::uint32_t number = 0; number < kMaxCall; ++number) {
    const std::string_view name = record::syscall_name(arch, number);
    if (!name.empty()) by_name_.emplace_back(name, number);
  }
  std::ranges::sort(by_name_);
}

std::optional<std::uint32_t> CallTable::number(std::string_view name) const noexcept {
  const auto found =
      std::ranges::lower_bound(by_name_, name, {}, [](const auto& row) { return row.first; });
  if (found != by_name_.end() && found->first == name) return found->second;
  return record::syscall_number(arch_, name);  // the headers' other spellings
}

std::string_view CallTable::nearest(std::string_view word) const {
  std::vector<std::string_view> names;
  names.reserve(by_name_.size());
  for (const auto& row : by_name_) names.push_back(row.first);
  return nearest_name(word, names);
}

bool is_call_somewhere(std::string_view name) noexcept {
  namespace arch = record::arch;
  constexpr auto kArches =
      std::to_array({arch::kX86_64, arch::kI386, arch::kAarch64, arch::kArm, arch::kPpc,
                     arch::kPpc64le, arch::kS390x, arch::kS390, arch::kRiscv64});
  return std::ranges::any_of(
      kArches, [&](std::uint32_t one) { return record::syscall_number(one, name).has_value(); });
}

}  // namespace sorrel::ruleset
