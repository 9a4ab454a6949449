#include "enrich/call_arguments.h"

#include <optional>

#include "catch.h"
#include "record/tables/arch.h"
#include "record/tables/syscalls.h"

namespace sorrel::enrich {
namespace {

namespace arch = record::arch;

constexpr std::uint32_t kArches[] = {arch::kX86_64, arch::kI386,  arch::kAarch64, arch::kArm,
                                     arch::kPpc64,  arch::kS390x, arch::kS390,    arch::kRiscv64};

const CallPlan* plan_of(std::uint32_t arch, std::string_view call) {
  const std::optional<std::uint32_t> number = record::syscall_number(arch, call);
  REQUIRE(number);
  return call_plan(arch, *number);
}

How how_of(std::uint32_t arch, std::string_view call, unsigned argument) {
  const CallPlan* const plan = plan_of(arch, call);
  return plan == nullptr ? How::none : plan->arguments[argument].how;
}

}  // namespace

TEST_CASE("every call that has a plan is a call of some architecture", "[calls]") {
  std::size_t count = 0;
  for (; !planned_call(count).empty(); ++count) {
    const std::string_view call = planned_call(count);
    // socketcall() multiplexes these; clone_backwards2 is clone of s390.
    if (call == "send" || call == "recv" || call == "clone_backwards2") continue;
    INFO(call);
    bool is_known = false;
    for (const std::uint32_t arch : kArches) {
      const std::optional<std::uint32_t> number = record::syscall_number(arch, call);
      is_known = is_known || (number && call_plan(arch, *number) != nullptr);
    }
    CHECK(is_known);
  }
  CHECK(count > 150);
}

TEST_CASE("a call has the same plan on every architecture", "[calls]") {
  for (const std::uint32_t arch : kArches) {
    CHECK(how_of(arch, "openat", 2) == How::open_flags);
    CHECK(how_of(arch, "openat", 0) == How::descriptor);
    CHECK(how_of(arch, "prctl", 1) == How::process_argument);
    CHECK(plan_of(arch, "execve") == nullptr);
    CHECK(plan_of(arch, "read") == nullptr);
  }
  CHECK(how_of(arch::kX86_64, "fchownat", 3) == How::group);
}

TEST_CASE("x32 calls are found by their bit", "[calls]") {
  constexpr std::uint32_t kX32 = 0x40000000;
  const CallPlan* const plan = call_plan(arch::kX86_64, kX32 | 257);
  REQUIRE(plan != nullptr);
  CHECK(plan->arguments[2].how == How::open_flags);
}

TEST_CASE("where arguments stand elsewhere the plan follows the kernel", "[calls]") {
  CHECK(how_of(arch::kX86_64, "clone", 0) == How::clone_flags);
  CHECK(how_of(arch::kAarch64, "clone", 0) == How::clone_flags);
  CHECK(how_of(arch::kS390x, "clone", 0) == How::none);
  CHECK(how_of(arch::kS390x, "clone", 1) == How::clone_flags);
  // One pointer to all arguments.
  CHECK(how_of(arch::kX86_64, "mmap", 3) == How::mapping);
  CHECK(plan_of(arch::kI386, "mmap") == nullptr);
  CHECK(plan_of(arch::kS390x, "mmap") == nullptr);
  CHECK(how_of(arch::kI386, "mmap2", 3) == How::mapping);
}

TEST_CASE("numbers and architectures that are not known have no plan", "[calls]") {
  CHECK(call_plan(arch::kX86_64, 100'000) == nullptr);
  CHECK(call_plan(arch::kX86_64, 0xffffffff) == nullptr);
  CHECK(call_plan(0, 2) == nullptr);
  CHECK(call_plan(0xdeadbeef, 257) == nullptr);
  CHECK(socket_call_plan(0) == nullptr);
  CHECK(socket_call_plan(3) == nullptr);  // connect: a descriptor and a pointer
  CHECK(socket_call_plan(21) == nullptr);
  REQUIRE(socket_call_plan(1) != nullptr);
  CHECK(socket_call_plan(1)->arguments[0].how == How::socket_family);
}

}  // namespace sorrel::enrich
