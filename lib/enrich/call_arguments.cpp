#include "enrich/call_arguments.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "record/tables/arch.h"
#include "record/tables/packed_names.h"
#include "record/tables/syscall_lists.h"

namespace sorrel::enrich {
namespace {

using record::NumberedName;
namespace arch = record::arch;

constexpr Meaning how(How value) {
  return {value, 0};
}
constexpr Meaning number(NumberTable table) {
  return {How::number, static_cast<std::uint8_t>(table)};
}
constexpr Meaning flags(FlagTable table) {
  return {How::flags, static_cast<std::uint8_t>(table)};
}

struct NamedPlan {
  std::string_view name;
  CallPlan plan;
};

constexpr auto kPlans = std::to_array<NamedPlan>({
#define SORREL_CALL(name, a0, a1, a2, a3) NamedPlan{#name, CallPlan{{{a0, a1, a2, a3}}}},
#include "enrich/call_arguments.inc"
#undef SORREL_CALL
});
static_assert(std::ranges::is_sorted(kPlans, std::ranges::less_equal{}, &NamedPlan::name));

// A plan's place in kPlans, counted from 1; 0: no plan.
using PlanNumber = std::uint8_t;
static_assert(kPlans.size() < 256);

constexpr PlanNumber find_plan(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kPlans, name, {}, &NamedPlan::name);
  if (found == kPlans.end() || found->name != name) return 0;
  return static_cast<PlanNumber>(found - kPlans.begin() + 1);
}

// On which architectures a call is another one than its name says.
// Sources: CONFIG_CLONE_BACKWARDS2 in linux/arch/Kconfig; old_mmap in the syscall.tbl of
// linux/arch/x86/entry/syscalls and linux/arch/s390/kernel/syscalls (one pointer to all arguments).
enum class Quirks : std::uint8_t { none, old_mmap, s390 };

constexpr std::string_view meant_call(Quirks quirks, std::string_view name) {
  if (quirks != Quirks::none && name == "mmap") return {};
  if (quirks == Quirks::s390 && name == "clone") return "clone_backwards2";
  return name;
}

// The plans of an architecture's calls, by number.
template <std::size_t Count>
struct PlanTable {
  std::uint32_t first = 0;
  std::array<PlanNumber, Count> plans{};
};

template <const auto& kList, Quirks kQuirks = Quirks::none>
consteval auto plan_table() {
  constexpr std::uint32_t kFirst = kList.front().number;
  // The last entry may be another spelling of a call in the middle.
  constexpr std::uint32_t kLast = std::ranges::max(kList, {}, &NumberedName::number).number;
  PlanTable<kLast - kFirst + 1> table;
  table.first = kFirst;
  for (const NumberedName& call : kList)
    if (!call.is_alias)
      table.plans[call.number - kFirst] = find_plan(meant_call(kQuirks, call.name));
  return table;
}

#define SORREL_TABLE(name) [[maybe_unused]] constexpr auto k##name##Names = std::to_array<NumberedName>({
#define SORREL_NAME(number, name) NumberedName{number, name, false},
#define SORREL_TABLE_END \
  });
#include "enrich/tables/numbers.inc"
#undef SORREL_TABLE
#undef SORREL_NAME
#undef SORREL_TABLE_END

constexpr auto kX86_64 = plan_table<record::kX86_64List>();
constexpr auto kX32 = plan_table<record::kX32List>();
constexpr auto kI386 = plan_table<record::kI386List, Quirks::old_mmap>();
constexpr auto kAarch64 = plan_table<record::kAarch64List>();
constexpr auto kArm = plan_table<record::kArmList>();
constexpr auto kPpc = plan_table<record::kPpcList>();
constexpr auto kS390x = plan_table<record::kS390xList, Quirks::s390>();
constexpr auto kS390 = plan_table<record::kS390List, Quirks::s390>();
constexpr auto kRiscv64 = plan_table<record::kRiscv64List>();
constexpr auto kSocketCalls = plan_table<kSocketCallNames>();

// Source: linux/arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT.
constexpr std::uint32_t kX32Bit = 0x40000000;

template <class Table>
const CallPlan* find(const Table& table, std::uint32_t call) noexcept {
  if (call < table.first || call - table.first >= table.plans.size()) return nullptr;
  const PlanNumber plan = table.plans[call - table.first];
  return plan == 0 ? nullptr : &kPlans[plan - 1U].plan;
}

}  // namespace

const CallPlan* call_plan(std::uint32_t arch, std::uint32_t number) noexcept {
  switch (arch) {
    case arch::kX86_64:
      if ((number & kX32Bit) != 0) return find(kX32, number - kX32Bit);
      return find(kX86_64, number);
    case arch::kI386:
      return find(kI386, number);
    case arch::kAarch64:
      return find(kAarch64, number);
    case arch::kArm:
      return find(kArm, number);
    case arch::kPpc:
    case arch::kPpc64:
    case arch::kPpc64le:
      return find(kPpc, number);
    case arch::kS390x:
      return find(kS390x, number);
    case arch::kS390:
      return find(kS390, number);
    case arch::kRiscv64:
      return find(kRiscv64, number);
    default:
      return nullptr;
  }
}

const CallPlan* socket_call_plan(std::uint32_t number) noexcept {
  return find(kSocketCalls, number);
}

std::string_view planned_call(std::size_t i) noexcept {
  return i < kPlans.size() ? kPlans[i].name : std::string_view{};
}

}  // namespace sorrel::enrich
