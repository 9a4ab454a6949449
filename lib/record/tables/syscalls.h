#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sorrel::record {

// The name of a system call on an architecture, an AUDIT_ARCH_ value as the field arch= has it
// (0xc000003e is x86_64): "openat", as libaudit spells it. Calls of the x32 ABI come under x86_64
// with bit 30 set in their number, as the kernel reports them. Empty when no table has it; the view
// lives for ever. Constant time.
// Known: x86_64 with x32, i386, aarch64, arm, ppc, ppc64, ppc64le, s390x, s390, riscv64; each
// table's first line names its sources.
std::string_view syscall_name(std::uint32_t arch, std::uint32_t number) noexcept;

// The number of a system call by its name; other spellings of the kernel's headers are accepted,
// too (pread64 where libaudit says pread). Nothing when the architecture or the name is not known.
// Not for the data path: it reads through the table.
std::optional<std::uint32_t> syscall_number(std::uint32_t arch, std::string_view name) noexcept;

}  // namespace sorrel::record
