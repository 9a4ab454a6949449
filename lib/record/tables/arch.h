#pragma once

#include <cstdint>
#include <string_view>

// Architectures as the field arch= names them: the ELF machine number, with a bit for 64-bit and
// one for little-endian. Source: linux/include/uapi/linux/audit.h, AUDIT_ARCH_*.
namespace sorrel::record {

namespace arch {
inline constexpr std::uint32_t k64Bit = 0x80000000;
inline constexpr std::uint32_t kLittleEndian = 0x40000000;
inline constexpr std::uint32_t kX86_64 = 62 | k64Bit | kLittleEndian;
inline constexpr std::uint32_t kI386 = 3 | kLittleEndian;
inline constexpr std::uint32_t kAarch64 = 183 | k64Bit | kLittleEndian;
inline constexpr std::uint32_t kArm = 40 | kLittleEndian;
inline constexpr std::uint32_t kPpc = 20;
inline constexpr std::uint32_t kPpc64 = 21 | k64Bit;
inline constexpr std::uint32_t kPpc64le = 21 | k64Bit | kLittleEndian;
inline constexpr std::uint32_t kS390 = 22;
inline constexpr std::uint32_t kS390x = 22 | k64Bit;
inline constexpr std::uint32_t kRiscv64 = 243 | k64Bit | kLittleEndian;
}  // namespace arch

// "x86_64"; empty when the value is none of the kernel's. The view lives for ever.
std::string_view arch_name(std::uint32_t arch) noexcept;

// True when that machine stores numbers with their highest byte first.
constexpr bool is_big_endian(std::uint32_t arch) noexcept {
  return (arch & arch::kLittleEndian) == 0;
}

}  // namespace sorrel::record
