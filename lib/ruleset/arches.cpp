#include "ruleset/arches.h"

#include <array>
#include <utility>

#include "record/tables/arch.h"

namespace sorrel::ruleset {
namespace {

namespace arch = record::arch;

constexpr auto kMachines = std::to_array<std::pair<std::string_view, std::uint32_t>>({
    {"x86_64", arch::kX86_64},   {"amd64", arch::kX86_64},  {"i386", arch::kI386},
    {"i486", arch::kI386},       {"i586", arch::kI386},     {"i686", arch::kI386},
    {"aarch64", arch::kAarch64}, {"arm64", arch::kAarch64}, {"arm", arch::kArm},
    {"armeabi", arch::kArm},     {"armv5tejl", arch::kArm}, {"armv6l", arch::kArm},
    {"armv7l", arch::kArm},      {"armv8l", arch::kArm},    {"armhf", arch::kArm},
    {"ppc", arch::kPpc},         {"ppc64", arch::kPpc64},   {"ppc64le", arch::kPpc64le},
    {"ppc64el", arch::kPpc64le}, {"s390", arch::kS390},     {"s390x", arch::kS390x},
    {"riscv64", arch::kRiscv64},
});

}  // namespace

std::optional<std::uint32_t> arch_number(std::string_view name) noexcept {
  for (const auto& [machine, number] : kMachines) {
    if (machine == name) return number;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> narrow_arch(std::uint32_t native) noexcept {
  switch (native) {
    case arch::kX86_64:
      return arch::kI386;
    case arch::kAarch64:
      return arch::kArm;
    case arch::kPpc64:
      return arch::kPpc;
    case arch::kS390x:
      return arch::kS390;
    default:  // ppc64le and riscv64 have none; a narrow host is its own
      return (native & arch::k64Bit) == 0 ? std::optional(native) : std::nullopt;
  }
}

std::optional<std::uint32_t> arch_of_bits(std::uint32_t native, int bits) noexcept {
  if (bits == 32) return narrow_arch(native);
  return (native & arch::k64Bit) != 0 ? std::optional(native) : std::nullopt;
}

}  // namespace sorrel::ruleset
