#include "record/tables/syscalls.h"

#include <libaudit.h>

#include "catch.h"
#include "record/tables/arch.h"

namespace sorrel::record {
namespace {

struct Machine {
  std::uint32_t arch;
  int libaudit;
};

constexpr std::uint32_t kHighest = 0x100000;  // above ARM's private calls

}  // namespace

TEST_CASE("every system call that libaudit names has the same name and number here", "[syscalls]") {
  const auto [arch, libaudit] = GENERATE(values<Machine>({{arch::kX86_64, MACH_86_64},
                                                          {arch::kI386, MACH_X86},
                                                          {arch::kAarch64, MACH_AARCH64},
                                                          {arch::kArm, MACH_ARM},
                                                          {arch::kPpc, MACH_PPC},
                                                          {arch::kPpc64, MACH_PPC64},
                                                          {arch::kPpc64le, MACH_PPC64LE},
                                                          {arch::kS390x, MACH_S390X},
                                                          {arch::kS390, MACH_S390}}));
  INFO(arch_name(arch));
  CHECK(static_cast<std::uint32_t>(audit_machine_to_elf(libaudit)) == arch);
  int named = 0;
  for (std::uint32_t number = 0; number < kHighest; ++number) {
    const char* const theirs = audit_syscall_to_name(static_cast<int>(number), libaudit);
    if (theirs == nullptr) continue;
    ++named;
    INFO(number);
    CHECK(syscall_name(arch, number) == theirs);
    CHECK(syscall_number(arch, theirs) == number);
  }
  CHECK(named > 300);
}

TEST_CASE("a system call's name leads back to its number", "[syscalls]") {
  const std::uint32_t arch = GENERATE(arch::kX86_64, arch::kI386, arch::kAarch64, arch::kArm,
                                      arch::kPpc64le, arch::kS390x, arch::kS390, arch::kRiscv64);
  INFO(arch_name(arch));
  int named = 0;
  for (std::uint32_t number = 0; number < kHighest; ++number) {
    const std::string_view name = syscall_name(arch, number);
    if (name.empty()) continue;
    ++named;
    INFO(number << " " << name);
    CHECK(syscall_number(arch, name) == number);
  }
  CHECK(named > 320);
}

TEST_CASE("calls newer than libaudit have one number on all architectures", "[syscalls]") {
  const std::uint32_t arch =
      GENERATE(arch::kX86_64, arch::kI386, arch::kAarch64, arch::kArm, arch::kPpc, arch::kPpc64,
               arch::kPpc64le, arch::kS390x, arch::kS390, arch::kRiscv64);
  INFO(arch_name(arch));
  CHECK(syscall_name(arch, 451) == "cachestat");
  CHECK(syscall_name(arch, 452) == "fchmodat2");
  CHECK(syscall_name(arch, 453) == "map_shadow_stack");
  CHECK(syscall_name(arch, 454) == "futex_wake");
  CHECK(syscall_name(arch, 457) == "statmount");
  CHECK(syscall_name(arch, 458) == "listmount");
  CHECK(syscall_name(arch, 461) == "lsm_list_modules");
  CHECK(syscall_name(arch, 462) == "mseal");
  CHECK(syscall_name(arch, 463) == "setxattrat");
  CHECK(syscall_name(arch, 469) == "file_setattr");
  CHECK(syscall_name(arch, 471) == "rseq_slice_yield");
}

TEST_CASE("well-known calls have the numbers of each kernel ABI", "[syscalls]") {
  CHECK(syscall_name(arch::kX86_64, 59) == "execve");
  CHECK(syscall_name(arch::kX86_64, 257) == "openat");
  CHECK(syscall_name(arch::kX86_64, 335) == "uretprobe");
  CHECK(syscall_name(arch::kI386, 11) == "execve");
  CHECK(syscall_name(arch::kAarch64, 221) == "execve");
  CHECK(syscall_name(arch::kArm, 11) == "execve");
  CHECK(syscall_name(arch::kArm, 335) == "pselect6");
  CHECK(syscall_name(arch::kArm, 0xf0005) == "set_tls");
  CHECK(syscall_number(arch::kArm, "set_tls") == 0xf0005u);
  CHECK(syscall_name(arch::kPpc64le, 11) == "execve");
  CHECK(syscall_name(arch::kS390x, 11) == "execve");
  CHECK(syscall_name(arch::kS390x, 393) == "semget");
  CHECK(syscall_name(arch::kRiscv64, 79) == "newfstatat");
  CHECK(syscall_name(arch::kRiscv64, 221) == "execve");
  CHECK(syscall_name(arch::kRiscv64, 222) == "mmap");
  CHECK(syscall_name(arch::kRiscv64, 259) == "riscv_flush_icache");
}

TEST_CASE("the kernel's spelling of a call is accepted where libaudit has another", "[syscalls]") {
  CHECK(syscall_name(arch::kX86_64, 17) == "pread");
  CHECK(syscall_number(arch::kX86_64, "pread") == 17u);
  CHECK(syscall_number(arch::kX86_64, "pread64") == 17u);
  CHECK(syscall_number(arch::kPpc64le, "timerfd_create") == 306u);
  CHECK(syscall_number(arch::kPpc64le, "perf_event_open") == 319u);
}

TEST_CASE("calls of the x32 ABI come under x86_64 with bit 30", "[syscalls]") {
  constexpr std::uint32_t kX32Bit = 0x40000000;
  CHECK(syscall_name(arch::kX86_64, kX32Bit | 0) == "read");
  CHECK(syscall_name(arch::kX86_64, kX32Bit | 17) == "pread");
  CHECK(syscall_name(arch::kX86_64, kX32Bit | 520) == "execve");
  CHECK(syscall_name(arch::kX86_64, kX32Bit | 59).empty());
  CHECK(syscall_name(arch::kX86_64, kX32Bit | 548).empty());
  CHECK(syscall_name(arch::kI386, kX32Bit | 0).empty());
}

TEST_CASE("what no table has gives nothing", "[syscalls]") {
  CHECK(syscall_name(arch::kX86_64, 400).empty());
  CHECK(syscall_name(arch::kX86_64, 0xffffffff).empty());
  CHECK(syscall_name(arch::kX86_64, 9999).empty());
  CHECK(syscall_name(arch::kArm, 0xf0000).empty());
  CHECK(syscall_name(arch::kArm, 0xf0007).empty());
  CHECK(syscall_name(0, 1).empty());
  CHECK(syscall_name(0xffffffff, 1).empty());
  CHECK(syscall_number(arch::kX86_64, "") == std::nullopt);
  CHECK(syscall_number(arch::kX86_64, "opena") == std::nullopt);
  CHECK(syscall_number(arch::kX86_64, "openat3") == std::nullopt);
  CHECK(syscall_number(arch::kX86_64, "socketcall") == std::nullopt);
  CHECK(syscall_number(12345, "open") == std::nullopt);
}

}  // namespace sorrel::record
