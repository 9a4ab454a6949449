#include "enrich/argument_text.h"

#include "enrich/word_text.h"
#include "record/tables/arch.h"
#include "record/tables/names.h"

namespace sorrel::enrich {
namespace {

namespace arch = record::arch;

// Constants of the kernel's headers that decide how another number is read; all architectures that
// we know share these.
constexpr std::uint32_t kCreateBits = 0x40 | 0x400000;  // O_CREAT, __O_TMPFILE
constexpr std::uint32_t kIpc64 = 0x100;                 // ipc.h: beside a command

// The low half of another argument, 0 when the record lacks it.
std::uint32_t other(const CallContext& call, unsigned i) noexcept {
  return static_cast<std::uint32_t>(call.argument(i).value_or(0));
}

std::string_view capability(std::uint32_t number) noexcept {
  return number < 64 ? record::capability_name(static_cast<int>(number)) : std::string_view{};
}

std::string_view socket_protocol(std::uint32_t family, std::uint32_t protocol) noexcept {
  constexpr std::uint32_t kInet = 2;
  constexpr std::uint32_t kInet6 = 10;
  constexpr std::uint32_t kNetlink = 16;
  if (family == kInet || family == kInet6) return number_name(NumberTable::kProtocol, protocol);
  if (family == kNetlink) return number_name(NumberTable::kNetlinkProtocol, protocol);
  return {};
}

constexpr std::uint32_t kSolSocket = 1;

// Below 255 a level is an IP protocol.
std::string_view socket_level(std::uint32_t level) noexcept {
  if (level == kSolSocket || level >= 255) return number_name(NumberTable::kSocketLevel, level);
  return number_name(NumberTable::kProtocol, level);
}

// PowerPC counts six of the options differently. Source: arch/powerpc/include/uapi/asm/socket.h.
std::uint32_t usual_socket_option(std::uint32_t arch, std::uint32_t option) noexcept {
  constexpr std::uint32_t kFirst = 16;
  constexpr std::uint32_t kUsual[] = {18, 19, 20, 21, 16, 17};
  if (!is_ppc(arch) || option < kFirst || option - kFirst >= std::size(kUsual)) return option;
  return kUsual[option - kFirst];
}

std::string_view socket_option(const CallContext& call, std::uint32_t option,
                               bool is_read) noexcept {
  // Of the numbers of iptables, two mean something else when they are read.
  constexpr std::uint32_t kTableInfo = 64;
  constexpr std::uint32_t kTableEntries = 65;
  const std::uint32_t level = other(call, 1);
  switch (level) {
    case 0:
      if (is_read && option == kTableInfo) return "IPT_SO_GET_INFO";
      if (is_read && option == kTableEntries) return "IPT_SO_GET_ENTRIES";
      return number_name(NumberTable::kIpOption, option);
    case kSolSocket:
      return number_name(NumberTable::kSocketOption, usual_socket_option(call.arch(), option));
    case 6:  // IPPROTO_TCP
      return number_name(NumberTable::kTcpOption, option);
    case 17:  // IPPROTO_UDP
      return number_name(NumberTable::kUdpOption, option);
    case 41:  // IPPROTO_IPV6
      if (is_read && option == kTableInfo) return "IP6T_SO_GET_INFO";
      if (is_read && option == kTableEntries) return "IP6T_SO_GET_ENTRIES";
      return number_name(NumberTable::kIp6Option, option);
    case 263:  // SOL_PACKET
      return number_name(NumberTable::kPacketOption, option);
    case 270:  // SOL_NETLINK
      return number_name(NumberTable::kNetlinkOption, option);
    default:
      return {};
  }
}

std::string_view file_argument(const CallContext& call, std::uint32_t value,
                               InterpretationText& room) noexcept {
  constexpr std::string_view kLeases[] = {"F_RDLCK", "F_WRLCK", "F_UNLCK"};
  switch (other(call, 1)) {
    case 2:  // F_SETFD
      return value == 1 ? "FD_CLOEXEC" : std::string_view{};
    case 4:  // F_SETFL: the access mode is left as it is, whatever is given
      return status_flags_text(call.arch(), value, room);
    case 10:  // F_SETSIG
      return number_name(NumberTable::kSignal, value);
    case 1024:  // F_SETLEASE
      return value < std::size(kLeases) ? kLeases[value] : std::string_view{};
    case 1026:  // F_NOTIFY
      return flags_text(FlagTable::kFileNotify, value, room);
    case 1033:  // F_ADD_SEALS
      return flags_text(FlagTable::kFileSeal, value, room);
    default:
      return {};
  }
}

constexpr std::uint32_t kCapAmbient = 47;  // PR_CAP_AMBIENT

std::string_view process_argument(const CallContext& call, std::uint32_t value) noexcept {
  switch (other(call, 0)) {
    case 1:  // PR_SET_PDEATHSIG
      return number_name(NumberTable::kSignal, value);
    case 22:  // PR_SET_SECCOMP
      if (value == 1) return "SECCOMP_MODE_STRICT";
      return value == 2 ? "SECCOMP_MODE_FILTER" : std::string_view{};
    case 23:  // PR_CAPBSET_READ
    case 24:  // PR_CAPBSET_DROP
      return capability(value);
    case kCapAmbient:
      return number_name(NumberTable::kAmbientOperation, value);
    default:
      return {};
  }
}

std::string_view trace_argument(const CallContext& call, std::uint32_t value,
                                InterpretationText& room) noexcept {
  switch (other(call, 0)) {
    case 0x4200:  // PTRACE_SETOPTIONS
    case 0x4206:  // PTRACE_SEIZE
      return flags_text(FlagTable::kTraceOption, value, room);
    case 7:     // PTRACE_CONT
    case 9:     // PTRACE_SINGLESTEP
    case 0x11:  // PTRACE_DETACH
    case 0x18:  // PTRACE_SYSCALL
      return value == 0 ? std::string_view{} : number_name(NumberTable::kSignal, value);
    default:
      return {};
  }
}

// The operations of keyctl() whose second argument is no key: a name, and a user.
std::string_view key_argument(const CallContext& call, std::uint32_t value) noexcept {
  constexpr std::uint32_t kJoinSession = 1;
  constexpr std::uint32_t kGetPersistent = 22;
  const std::uint32_t operation = other(call, 0);
  if (operation == kJoinSession || operation == kGetPersistent) return {};
  return number_name(NumberTable::kKeyRing, value);
}

}  // namespace

// Nearly all arguments are int or unsigned int: of a 64-bit register the kernel reads one half.
std::string_view argument_text(const CallContext& call, unsigned i, std::uint64_t value,
                               InterpretationText& room) noexcept {
  const Meaning meaning = call.meaning(i);
  const auto low = static_cast<std::uint32_t>(value);
  switch (meaning.how) {
    case How::none:
    case How::user:
    case How::group:
    case How::short_user:
    case How::short_group:
      return {};
    case How::number:
      return number_name(static_cast<NumberTable>(meaning.table), low);
    case How::flags:
      return flags_text(static_cast<FlagTable>(meaning.table), low, room);
    case How::descriptor:
      return static_cast<std::int32_t>(low) == -100 ? "AT_FDCWD" : std::string_view{};
    case How::open_flags:
      return open_flags_text(call.arch(), low, room);
    case How::creation_mode:
      return (other(call, i - 1) & kCreateBits) != 0 ? mode_text(low, room) : std::string_view{};
    case How::mode:
      return mode_text(low, room);
    case How::node_mode:
      return node_mode_text(low, room);
    case How::access:
      return low == 0 ? "F_OK" : flags_text(FlagTable::kAccess, low, room);
    case How::protection:
      return protection_text(value, room);
    case How::mapping:
      return mapping_text(call.arch(), value, room);
    case How::clone_flags:
      return clone_text(low, room);
    case How::socket_family:
      return low < 256 ? record::socket_family_name(static_cast<int>(low)) : std::string_view{};
    case How::socket_type:
      return socket_type_text(low, room);
    case How::socket_protocol:
      return socket_protocol(other(call, 0), low);
    case How::socket_level:
      return socket_level(low);
    case How::socket_option:
      return socket_option(call, low, false);
    case How::read_option:
      return socket_option(call, low, true);
    case How::file_argument:
      return file_argument(call, low, room);
    case How::process_argument:
      return process_argument(call, low);
    case How::ambient_capability:
      return other(call, 0) == kCapAmbient && other(call, 1) < 4 ? capability(low)
                                                                 : std::string_view{};
    case How::trace_argument:
      return trace_argument(call, low, room);
    case How::key_argument:
      return key_argument(call, low);
    case How::key_serial:
      return number_name(NumberTable::kKeyRing, low);
    case How::seccomp_flags:
      return other(call, 0) == 1 ? flags_text(FlagTable::kSeccompFilter, low, room)
                                 : std::string_view{};
    case How::scheduler:
      return scheduler_text(low, room);
    case How::personality:
      return personality_text(low, room);
    case How::shared_flags:
      return shared_flags_text(low, room);
    case How::message_control:
      return number_name(NumberTable::kMessageControl, low & ~kIpc64);
    case How::semaphore_control:
      return number_name(NumberTable::kSemaphoreControl, low & ~kIpc64);
    case How::shared_control:
      return number_name(NumberTable::kSharedControl, low & ~kIpc64);
    case How::ipc_call:
      return number_name(NumberTable::kIpc, low & 0xffff);
    case How::quota_command:
      return quota_text(low, room);
    case How::futex_operation:
      return futex_text(low, room);
    case How::kexec_flags:
      return flags_text(FlagTable::kKexec, low & 0xffff, room);
  }
  return {};
}

}  // namespace sorrel::enrich
