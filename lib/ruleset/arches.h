#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// Architectures as rules name them: b64 and b32 are those of the host, the others are machines.
namespace sorrel::ruleset {

// The AUDIT_ARCH_ value of a machine's name as uname(1), libaudit or the kernel's headers spell it
// ("x86_64", "i686", "aarch64", "armv7l"). Nothing when it is not known.
std::optional<std::uint32_t> arch_number(std::string_view name) noexcept;

// What arch=b32 means on a host of that architecture: nothing where it has no second ABI.
std::optional<std::uint32_t> narrow_arch(std::uint32_t native) noexcept;

// What arch=b64 and arch=b32 mean on that host. Nothing when it does not have that ABI.
std::optional<std::uint32_t> arch_of_bits(std::uint32_t native, int bits) noexcept;

}  // namespace sorrel::ruleset
