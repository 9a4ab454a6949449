#include "record/tables/names.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <sys/socket.h>

#include <limits>
#include <string>

#include <libaudit.h>

#include "catch.h"
#include "record/tables/arch.h"

namespace sorrel::record {

TEST_CASE("every error number that libaudit names has the same name here", "[names]") {
  int named = 0;
  for (int number = 1; number < 4096; ++number) {
    const char* const theirs = audit_errno_to_name(static_cast<unsigned>(number));
    INFO(number);
    CHECK(errno_name(number) == (theirs == nullptr ? "" : theirs));
    named += theirs != nullptr ? 1 : 0;
  }
  CHECK(named > 120);
  CHECK(errno_name(EACCES) == "EACCES");
}

TEST_CASE("address families are called as ausearch calls them", "[names]") {
  CHECK(socket_family_name(AF_UNSPEC) == "unspec");
  CHECK(socket_family_name(AF_UNIX) == "local");
  CHECK(socket_family_name(AF_INET) == "inet");
  CHECK(socket_family_name(AF_INET6) == "inet6");
  CHECK(socket_family_name(AF_NETLINK) == "netlink");
  CHECK(socket_family_name(AF_VSOCK) == "vsock");
  CHECK(socket_family_name(45) == "mctp");
}

TEST_CASE("every capability has its name", "[names]") {
  CHECK(capability_name(CAP_CHOWN) == "chown");
  CHECK(capability_name(CAP_DAC_OVERRIDE) == "dac_override");
  CHECK(capability_name(CAP_SYS_ADMIN) == "sys_admin");
  CHECK(capability_name(CAP_CHECKPOINT_RESTORE) == "checkpoint_restore");
  for (int number = 0; number <= CAP_LAST_CAP; ++number)
    CHECK_FALSE(capability_name(number).empty());
}

TEST_CASE("architectures have the values and names of the kernel", "[names]") {
  CHECK(arch::kX86_64 == std::uint32_t{AUDIT_ARCH_X86_64});
  CHECK(arch::kI386 == std::uint32_t{AUDIT_ARCH_I386});
  CHECK(arch::kAarch64 == std::uint32_t{AUDIT_ARCH_AARCH64});
  CHECK(arch::kArm == std::uint32_t{AUDIT_ARCH_ARM});
  CHECK(arch::kPpc == std::uint32_t{AUDIT_ARCH_PPC});
  CHECK(arch::kPpc64 == std::uint32_t{AUDIT_ARCH_PPC64});
  CHECK(arch::kPpc64le == std::uint32_t{AUDIT_ARCH_PPC64LE});
  CHECK(arch::kS390 == std::uint32_t{AUDIT_ARCH_S390});
  CHECK(arch::kS390x == std::uint32_t{AUDIT_ARCH_S390X});
  CHECK(arch::kRiscv64 == std::uint32_t{AUDIT_ARCH_RISCV64});
  CHECK(arch_name(arch::kX86_64) == "x86_64");
  CHECK(arch_name(arch::kI386) == "i386");
  CHECK(arch_name(arch::kAarch64) == "aarch64");
  CHECK(arch_name(arch::kArm) == "arm");
  CHECK(arch_name(arch::kPpc64le) == "ppc64le");
  CHECK(arch_name(arch::kS390x) == "s390x");
  CHECK(arch_name(arch::kRiscv64) == "riscv64");
  CHECK(arch_name(AUDIT_ARCH_MIPSEL64N32) == "mipsel64n32");
  CHECK(arch_name(AUDIT_ARCH_LOONGARCH64) == "loongarch64");
}

TEST_CASE("the byte order of an architecture is a bit of its value", "[names]") {
  CHECK_FALSE(is_big_endian(arch::kX86_64));
  CHECK_FALSE(is_big_endian(arch::kPpc64le));
  CHECK(is_big_endian(arch::kS390x));
  CHECK(is_big_endian(arch::kPpc64));
}

TEST_CASE("numbers without a name give nothing", "[names]") {
  for (const int number :
       {-1, -13, 4096, 65536, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    INFO(number);
    CHECK(errno_name(number).empty());
    CHECK(socket_family_name(number).empty());
    CHECK(capability_name(number).empty());
  }
  CHECK(errno_name(0).empty());
  CHECK(errno_name(41).empty());
  CHECK(socket_family_name(46).empty());
  CHECK(capability_name(41).empty());
  CHECK(arch_name(0).empty());
  CHECK(arch_name(0x4000003e).empty());
  CHECK(arch_name(0xffffffff).empty());
}

}  // namespace sorrel::record
