#pragma once

#include <array>

#include "record/tables/packed_names.h"

// The system calls of each architecture as lists, for those who make tables of them while
// compiling. For names by number see syscalls.h. Each .inc names its source.
namespace sorrel::record {

#define SORREL_SYSCALL(number, name) NumberedName{number, #name, false},
#define SORREL_SYSCALL_ALIAS(number, name) NumberedName{number, #name, true},
inline constexpr auto kX86_64List = std::to_array<NumberedName>({
#include "record/tables/syscalls_x86_64.inc"
});
inline constexpr auto kX32List = std::to_array<NumberedName>({
#include "record/tables/syscalls_x32.inc"
});
inline constexpr auto kI386List = std::to_array<NumberedName>({
#include "record/tables/syscalls_i386.inc"
});
inline constexpr auto kAarch64List = std::to_array<NumberedName>({
#include "record/tables/syscalls_aarch64.inc"
});
inline constexpr auto kArmList = std::to_array<NumberedName>({
#include "record/tables/syscalls_arm.inc"
});
inline constexpr auto kArmPrivateList = std::to_array<NumberedName>({
#include "record/tables/syscalls_arm_private.inc"
});
inline constexpr auto kPpcList = std::to_array<NumberedName>({
#include "record/tables/syscalls_ppc.inc"
});
inline constexpr auto kS390xList = std::to_array<NumberedName>({
#include "record/tables/syscalls_s390x.inc"
});
inline constexpr auto kS390List = std::to_array<NumberedName>({
#include "record/tables/syscalls_s390.inc"
});
inline constexpr auto kRiscv64List = std::to_array<NumberedName>({
#include "record/tables/syscalls_riscv64.inc"
});
#undef SORREL_SYSCALL
#undef SORREL_SYSCALL_ALIAS

}  // namespace sorrel::record
