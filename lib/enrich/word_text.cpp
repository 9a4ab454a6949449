#include "enrich/word_text.h"

#include "enrich/meaning_text.h"
#include "record/tables/arch.h"

namespace sorrel::enrich {
namespace {

namespace arch = record::arch;

// linux/include/uapi: fcntl.h, sched.h, futex.h. All architectures that we know share these.
constexpr std::uint32_t kAccessMode = 3;
constexpr std::uint32_t kResetOnFork = 0x40000000;
constexpr std::uint32_t kFutexPrivate = 0x80;
constexpr std::uint32_t kFutexRealtime = 0x100;

FlagTable open_flags_of(std::uint32_t arch) noexcept {
  if (arch == arch::kAarch64 || arch == arch::kArm) return FlagTable::kOpenArm;
  return is_ppc(arch) ? FlagTable::kOpenPpc : FlagTable::kOpen;
}

// A number's name, then flags that stand in the same word.
std::string_view name_and_flags(std::string_view name, FlagTable table, std::uint32_t flags,
                                InterpretationText& room) noexcept {
  if (name.empty() || flags == 0) return name;
  TextWriter out(room.text);
  out.put(name);
  put_flags_and_rest(out, table, flags);
  return out.text();
}

std::string_view name_and_part(std::string_view name, std::string_view part,
                               InterpretationText& room) noexcept {
  if (name.empty() || part.empty()) return name;
  TextWriter out(room.text);
  out.put(name);
  out.put_item(part);
  return out.text();
}

}  // namespace

bool is_ppc(std::uint32_t arch) noexcept {
  return arch == arch::kPpc64le || arch == arch::kPpc64 || arch == arch::kPpc;
}

std::string_view flags_text(FlagTable table, std::uint32_t value,
                            InterpretationText& room) noexcept {
  TextWriter out(room.text);
  put_flags_and_rest(out, table, value);
  return out.text();
}

std::string_view mode_text(std::uint32_t mode, InterpretationText& room) noexcept {
  TextWriter out(room.text);
  put_mode(out, mode & 07777);
  return out.text();
}

std::string_view node_mode_text(std::uint32_t mode, InterpretationText& room) noexcept {
  TextWriter out(room.text);
  put_node_mode(out, mode & 0xffff);
  return out.text();
}

std::string_view protection_text(std::uint64_t value, InterpretationText& room) noexcept {
  constexpr std::uint64_t kAll = 7;  // PROT_READ, PROT_WRITE, PROT_EXEC
  TextWriter out(room.text);
  if ((value & kAll) == 0) out.put("PROT_NONE");
  put_flags_and_rest(out, FlagTable::kProtection, value);
  return out.text();
}

// The low byte is the signal that the parent gets.
std::string_view clone_text(std::uint32_t value, InterpretationText& room) noexcept {
  TextWriter out(room.text);
  std::uint64_t rest = put_flags(out, FlagTable::kClone, value & ~0xffU);
  const std::uint32_t signal = value & 0xff;
  const std::string_view name = number_name(NumberTable::kSignal, signal);
  if (name.empty()) rest |= signal;
  if (signal != 0 && !name.empty()) out.put_item(name);
  if (rest != 0 && !out.is_empty()) out.put_hex_item(rest);
  return out.text();
}

std::string_view status_flags_text(std::uint32_t arch, std::uint32_t value,
                                   InterpretationText& room) noexcept {
  return flags_text(open_flags_of(arch), value & ~kAccessMode, room);
}

std::string_view socket_type_text(std::uint32_t value, InterpretationText& room) noexcept {
  return name_and_flags(number_name(NumberTable::kSocketType, value & 0xf), FlagTable::kSocketType,
                        value & ~0xfU, room);
}

std::string_view shared_flags_text(std::uint32_t value, InterpretationText& room) noexcept {
  constexpr std::uint32_t kPermissions = 0777;
  TextWriter out(room.text);
  const std::uint64_t rest = put_flags(out, FlagTable::kShared, value & ~kPermissions);
  if (!out.is_empty()) out.put('|');
  put_mode(out, value & kPermissions);
  if (rest != 0) out.put_hex_item(rest);
  return out.text();
}

std::string_view quota_text(std::uint32_t value, InterpretationText& room) noexcept {
  return name_and_part(number_name(NumberTable::kQuotaCommand, value >> 8),
                       number_name(NumberTable::kQuotaType, value & 0xff), room);
}

std::string_view futex_text(std::uint32_t value, InterpretationText& room) noexcept {
  const std::string_view name =
      number_name(NumberTable::kFutexOperation, value & ~(kFutexPrivate | kFutexRealtime));
  if (name.empty()) return {};
  TextWriter out(room.text);
  out.put(name);
  if ((value & kFutexPrivate) != 0) out.put_item("FUTEX_PRIVATE_FLAG");
  if ((value & kFutexRealtime) != 0) out.put_item("FUTEX_CLOCK_REALTIME");
  return out.text();
}

std::string_view scheduler_text(std::uint32_t value, InterpretationText& room) noexcept {
  const std::string_view name = number_name(NumberTable::kScheduler, value & ~kResetOnFork);
  return name_and_part(name, (value & kResetOnFork) != 0 ? "SCHED_RESET_ON_FORK" : "", room);
}

std::string_view open_flags_text(std::uint32_t arch, std::uint32_t flags,
                                 InterpretationText& room) noexcept {
  constexpr std::string_view kAccessModes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_WRONLY|O_RDWR"};
  return name_and_flags(kAccessModes[flags & kAccessMode], open_flags_of(arch),
                        flags & ~kAccessMode, room);
}

std::string_view mapping_text(std::uint32_t arch, std::uint64_t flags,
                              InterpretationText& room) noexcept {
  constexpr std::uint64_t kType = 0xf;      // MAP_TYPE
  constexpr std::uint64_t kHuge = 0x40000;  // MAP_HUGETLB: the bits from 26 are a size then
  constexpr std::uint64_t kHugeSize = std::uint64_t{0x3f} << 26;
  TextWriter out(room.text);
  std::uint64_t rest = 0;
  switch (flags & kType) {
    case 0:
      out.put("MAP_FILE");
      break;
    case 1:
      out.put("MAP_SHARED");
      break;
    case 2:
      out.put("MAP_PRIVATE");
      break;
    case 3:
      out.put("MAP_SHARED_VALIDATE");
      break;
    case 8:
      out.put("MAP_DROPPABLE");
      break;
    default:
      rest = flags & kType;
  }
  const std::uint64_t size = (flags & kHuge) != 0 ? flags & kHugeSize : 0;
  rest |= size;
  rest |= put_flags(out, is_ppc(arch) ? FlagTable::kMappingPpc : FlagTable::kMapping,
                    flags & ~kType & ~size);
  if (rest != 0 && !out.is_empty()) out.put_hex_item(rest);
  return out.text();
}

std::string_view personality_text(std::uint32_t personality, InterpretationText& room) noexcept {
  if (personality == 0xffffffff) return {};  // asks for the present one
  return name_and_flags(number_name(NumberTable::kPersonality, personality & 0xff),
                        FlagTable::kPersonality, personality & ~0xffU, room);
}

}  // namespace sorrel::enrich
