#include "record/tables/arch.h"

#include <algorithm>
#include <array>

namespace sorrel::record {
namespace {

struct ArchName {
  std::uint32_t arch;
  std::string_view name;
};

constexpr auto kArches = std::to_array<ArchName>({
#define SORREL_ARCH(value, name) {value, #name},
#include "record/tables/arches.inc"
#undef SORREL_ARCH
});
static_assert(std::ranges::is_sorted(kArches, {}, &ArchName::arch));

}  // namespace

std::string_view arch_name(std::uint32_t arch) noexcept {
  // Nearly every record of a host has its own architecture.
  if (arch == arch::kX86_64) return "x86_64";
  if (arch == arch::kAarch64) return "aarch64";
  const auto* const found = std::ranges::lower_bound(kArches, arch, {}, &ArchName::arch);
  if (found == kArches.end() || found->arch != arch) return {};
  return found->name;
}

}  // namespace sorrel::record
