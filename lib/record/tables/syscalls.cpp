#include "record/tables/syscalls.h"

#include <array>

#include "record/tables/arch.h"
#include "record/tables/packed_names.h"
#include "record/tables/syscall_lists.h"

namespace sorrel::record {
namespace {

constexpr auto kX86_64 = pack_names<kX86_64List>();
constexpr auto kX32 = pack_names<kX32List>();
constexpr auto kI386 = pack_names<kI386List>();
constexpr auto kAarch64 = pack_names<kAarch64List>();
constexpr auto kArm = pack_names<kArmList>();
constexpr auto kArmPrivate = pack_names<kArmPrivateList>();
constexpr auto kPpc = pack_names<kPpcList>();
constexpr auto kS390x = pack_names<kS390xList>();
constexpr auto kS390 = pack_names<kS390List>();
constexpr auto kRiscv64 = pack_names<kRiscv64List>();

// Source: linux/arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT.
constexpr std::uint32_t kX32Bit = 0x40000000;

// The usual calls of an architecture; an empty table for one that is not known.
NameTable usual_calls(std::uint32_t arch) noexcept {
  switch (arch) {
    case arch::kX86_64:
      return kX86_64.table();
    case arch::kI386:
      return kI386.table();
    case arch::kAarch64:
      return kAarch64.table();
    case arch::kArm:
      return kArm.table();
    case arch::kPpc:
    case arch::kPpc64:
    case arch::kPpc64le:
      return kPpc.table();
    case arch::kS390x:
      return kS390x.table();
    case arch::kS390:
      return kS390.table();
    case arch::kRiscv64:
      return kRiscv64.table();
    default:
      return {};
  }
}

std::optional<std::uint32_t> find_number(const NameTable& table, std::string_view name) noexcept {
  if (name.empty()) return std::nullopt;
  for (std::size_t i = 0; i < table.places.size(); ++i) {
    if (table.at_place(table.places[i]) == name) {
      return table.first + static_cast<std::uint32_t>(i);
    }
  }
  for (const NameAlias& alias : table.aliases) {
    if (table.at_place(alias.place) == name) return alias.number;
  }
  return std::nullopt;
}

}  // namespace

std::string_view syscall_name(std::uint32_t arch, std::uint32_t number) noexcept {
  if (arch == arch::kX86_64 && (number & kX32Bit) != 0) return kX32.table().find(number - kX32Bit);
  const std::string_view name = usual_calls(arch).find(number);
  if (name.empty() && arch == arch::kArm) return kArmPrivate.table().find(number);
  return name;
}

std::optional<std::uint32_t> syscall_number(std::uint32_t arch, std::string_view name) noexcept {
  const std::optional<std::uint32_t> number = find_number(usual_calls(arch), name);
  if (!number && arch == arch::kArm) return find_number(kArmPrivate.table(), name);
  return number;
}

}  // namespace sorrel::record
