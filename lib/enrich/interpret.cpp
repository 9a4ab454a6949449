#include "enrich/interpret.h"

#include <charconv>

#include "enrich/argument_text.h"
#include "enrich/meaning_text.h"
#include "record/tables/arch.h"
#include "record/tables/names.h"

namespace sorrel::enrich {
namespace {

using record::Field;
using record::KeyId;
using record::RecordType;
namespace key = record::key;
namespace type = record::type;

constexpr RecordType kSocketcall = 1304;
constexpr RecordType kMqOpen = 1312;
constexpr RecordType kMmap = 1323;
constexpr RecordType kNetfilterPacket = 1324;
constexpr RecordType kFanotify = 1331;
constexpr RecordType kCryptoKeyUser = 2404;

constexpr std::string_view kNoSession = "4294967295";

// How the value of a key is read.
enum class Reading : std::uint8_t {
  none,
  argument,         // a0..a3
  exit,             // a negative one is an error
  error,            // the same of AppArmor and the integrity records
  mode,             // octal
  capability_mask,  // hex
  capability,
  signal,
  personality,     // hex
  open_flags,      // hex or octal
  mapping,         // hex
  seccomp_action,  // hex
  ioctl_request,   // hex
  resolve,         // hex
  mac_protocol,    // hex, without 0x
  netfilter_family,
  protocol,
  icmp_type,
  hook,
  netfilter_action,
  rule_list,
  promiscuous,
  multicast_group,
  uring_operation,
  permissions,  // letters
  session,
  fanotify_response,
  fanotify_info,
  trust,
};

constexpr auto kReadings = [] {
  std::array<Reading, record::kKeyCount + 1> readings{};
  for (const KeyId id : {key::kA0, key::kA1, key::kA2, key::kA3}) readings[id] = Reading::argument;
  for (const KeyId id :
       {key::kCapFp, key::kCapFi, key::kCapPp, key::kCapPi, key::kCapPe, key::kCapPa, key::kFp,
        key::kFi,    key::kPp,    key::kPi,    key::kPe,    key::kPa,    key::kOldPp, key::kOldPi,
        key::kOldPe, key::kOldPa, key::kNewPp, key::kNewPi, key::kNewPe, key::kNewPa})
    readings[id] = Reading::capability_mask;
  readings[key::kExit] = Reading::exit;
  readings[key::kErrno] = Reading::error;
  readings[key::kError] = Reading::error;
  readings[key::kMode] = Reading::mode;
  readings[key::kCapability] = Reading::capability;
  readings[key::kSig] = Reading::signal;
  readings[key::kSigevSigno] = Reading::signal;
  readings[key::kPer] = Reading::personality;
  readings[key::kOflag] = Reading::open_flags;
  readings[key::kFlags] = Reading::mapping;
  readings[key::kCode] = Reading::seccomp_action;
  readings[key::kIoctlcmd] = Reading::ioctl_request;
  readings[key::kResolve] = Reading::resolve;
  readings[key::kMacproto] = Reading::mac_protocol;
  readings[key::kFamily] = Reading::netfilter_family;
  readings[key::kProto] = Reading::protocol;
  readings[key::kIcmptype] = Reading::icmp_type;
  readings[key::kHook] = Reading::hook;
  readings[key::kAction] = Reading::netfilter_action;
  readings[key::kList] = Reading::rule_list;
  readings[key::kProm] = Reading::promiscuous;
  readings[key::kOldProm] = Reading::promiscuous;
  readings[key::kNlMcgrp] = Reading::multicast_group;
  readings[key::kUringOp] = Reading::uring_operation;
  readings[key::kPerm] = Reading::permissions;
  readings[key::kPermMask] = Reading::permissions;
  readings[key::kSes] = Reading::session;
  readings[key::kResp] = Reading::fanotify_response;
  readings[key::kFanType] = Reading::fanotify_info;
  readings[key::kSubjTrust] = Reading::trust;
  readings[key::kObjTrust] = Reading::trust;
  return readings;
}();
static_assert(key::kA3 == key::kA0 + 3, "the arguments' keys are counted");

template <class Number>
std::optional<Number> parse(std::string_view digits, int base) noexcept {
  Number number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc{} || stop != end || digits.empty()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) noexcept {
  if (text.starts_with("0x")) text.remove_prefix(2);
  return parse<std::uint64_t>(text, 16);
}

std::optional<std::uint32_t> parse_decimal(std::string_view text) noexcept {
  return parse<std::uint32_t>(text, 10);
}

// A mode, 16 bits; every file of an event has one.
std::optional<std::uint32_t> parse_mode(std::string_view text) noexcept {
  constexpr std::size_t kMostDigits = 8;  // "0177777", and one to spare
  if (text.empty() || text.size() > kMostDigits) return std::nullopt;
  std::uint32_t mode = 0;
  for (const char c : text) {
    const auto digit = static_cast<std::uint32_t>(c - '0');
    if (digit > 7) return std::nullopt;
    mode = mode * 8 + digit;
  }
  return mode <= 0xffff ? std::optional(mode) : std::nullopt;
}

std::string_view named(NumberTable table, std::optional<std::uint64_t> number) noexcept {
  if (!number || *number > 0xffffffff) return {};
  return number_name(table, static_cast<std::uint32_t>(*number));
}

std::string_view error_text(std::string_view text, bool may_be_positive) noexcept {
  constexpr int kHighest = 4095;  // MAX_ERRNO
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  } else if (!may_be_positive) {
    return {};
  }
  const std::optional<std::uint32_t> number = parse_decimal(text);
  if (!number || *number == 0 || *number > kHighest) return {};
  return record::errno_name(static_cast<int>(*number));
}

std::string_view mode_text(RecordType type, std::string_view text,
                           InterpretationText& room) noexcept {
  const std::optional<std::uint32_t> mode = parse_mode(text);
  if (!mode) return {};
  const std::string_view usual = usual_node_mode(*mode);
  if (!usual.empty() && type != kMqOpen) return usual;
  TextWriter out(room.text);
  if (type == kMqOpen) {
    put_mode(out, *mode);
  } else {
    put_node_mode(out, *mode);
  }
  return out.text();
}

std::string_view capabilities_text(std::string_view text, InterpretationText& room) noexcept {
  const std::optional<std::uint64_t> mask = parse_hex(text);
  if (!mask) return {};
  if (*mask == 0) return "none";
  TextWriter out(room.text);
  put_capabilities(out, *mask);
  return out.text();
}

// MQ_OPEN has hex with 0x, OPENAT2 has octal with 0.
std::string_view oflag_text(std::uint32_t arch, std::string_view text,
                            InterpretationText& room) noexcept {
  const std::optional<std::uint64_t> flags =
      text.starts_with("0x") ? parse_hex(text) : parse<std::uint64_t>(text, 8);
  if (!flags || *flags > 0xffffffff) return {};
  return open_flags_text(arch, static_cast<std::uint32_t>(*flags), room);
}

// Source: linux/include/uapi/linux/seccomp.h, SECCOMP_RET_ACTION_FULL; the rest is data.
std::string_view seccomp_action(std::string_view text) noexcept {
  const std::optional<std::uint64_t> code = parse_hex(text);
  if (!code) return {};
  return named(NumberTable::kSeccompAction, *code & ~std::uint64_t{0xffff});
}

std::string_view permissions_text(std::string_view text, InterpretationText& room) noexcept {
  constexpr std::size_t kMost = 4;
  if (text.size() > kMost) return {};
  TextWriter out(room.text);
  for (const char letter : text) {
    if (letter == 'r') {
      out.put_item("read", ',');
    } else if (letter == 'w') {
      out.put_item("write", ',');
    } else if (letter == 'x') {
      out.put_item("exec", ',');
    } else if (letter == 'a') {
      out.put_item("attr", ',');
    } else {
      return {};
    }
  }
  return out.text();
}

std::string_view personality_field(std::string_view text, InterpretationText& room) noexcept {
  const std::optional<std::uint64_t> personality = parse_hex(text);
  if (!personality || *personality > 0xffffffff) return {};
  return personality_text(static_cast<std::uint32_t>(*personality), room);
}

std::string_view resolve_text(std::string_view text, InterpretationText& room) noexcept {
  const std::optional<std::uint64_t> flags = parse_hex(text);
  if (!flags) return {};
  TextWriter out(room.text);
  put_flags_and_rest(out, FlagTable::kResolve, *flags);
  return out.text();
}

std::string_view mapping_field(RecordType type, std::uint32_t arch, std::string_view text,
                               InterpretationText& room) noexcept {
  if (type != kMmap) return {};  // others have flags="ro"
  const std::optional<std::uint64_t> flags = parse_hex(text);
  return flags ? mapping_text(arch, *flags, room) : std::string_view{};
}

std::string_view argument_field(RecordType type, const Field& field, const CallContext& call,
                                InterpretationText& room) noexcept {
  if (!call.has_meanings() || (type != type::kSyscall && type != kSocketcall)) return {};
  const auto i = static_cast<unsigned>(field.key_id - key::kA0);
  if (call.meaning(i).how == How::none) return {};
  const std::optional<std::uint64_t> value = parse<std::uint64_t>(field.value(), 16);
  return value ? argument_text(call, i, *value, room) : std::string_view{};
}

// Architectures whose setuid() and chown() are those of the first kernels; what has 32-bit ids
// there is called setuid32(). Source: CONFIG_UID16 in the Kconfig files of linux/arch.
bool has_short_ids(std::uint32_t arch) noexcept {
  return arch == record::arch::kI386 || arch == record::arch::kArm || arch == record::arch::kS390;
}

std::string_view promiscuous_text(std::string_view text) noexcept {
  const std::optional<std::uint32_t> flag = parse_decimal(text);
  if (!flag) return {};
  return *flag == 0 ? "no" : "yes";
}

std::string_view capability_text(std::string_view text) noexcept {
  const std::optional<std::uint32_t> number = parse_decimal(text);
  if (!number || *number >= 64) return {};
  return record::capability_name(static_cast<int>(*number));
}

// What needs more than a look. Apart from interpret(), which so needs no stack of its own.
[[gnu::noinline]] std::string_view look_up(RecordType type, const Field& field,
                                           const CallContext& call,
                                           InterpretationText& room) noexcept {
  const std::string_view text = field.value();
  switch (kReadings[field.key_id]) {
    case Reading::none:
      return {};
    case Reading::argument:
      return argument_field(type, field, call, room);
    case Reading::exit:
      return error_text(text, false);
    case Reading::error:
      return error_text(text, field.key_id == key::kErrno);
    case Reading::mode:
      return mode_text(type, text, room);
    case Reading::capability_mask:
      return type == kCryptoKeyUser ? std::string_view{} : capabilities_text(text, room);
    case Reading::capability:
      return capability_text(text);
    case Reading::signal:
      return named(NumberTable::kSignal, parse_decimal(text));
    case Reading::personality:
      return personality_field(text, room);
    case Reading::open_flags:
      return oflag_text(call.arch(), text, room);
    case Reading::mapping:
      return mapping_field(type, call.arch(), text, room);
    case Reading::seccomp_action:
      return seccomp_action(text);
    case Reading::ioctl_request:
      return named(NumberTable::kIoctlRequest, parse_hex(text));
    case Reading::resolve:
      return resolve_text(text, room);
    case Reading::mac_protocol:
      return named(NumberTable::kMacProtocol, parse_hex(text));
    case Reading::netfilter_family:
      return named(NumberTable::kNetfilterProtocol, parse_decimal(text));
    case Reading::protocol:
      return named(NumberTable::kProtocol, parse_decimal(text));
    case Reading::icmp_type:
      return named(NumberTable::kIcmpType, parse_decimal(text));
    case Reading::hook:
      return named(NumberTable::kHook, parse_decimal(text));
    case Reading::netfilter_action:
      return type == kNetfilterPacket ? named(NumberTable::kNetfilterAction, parse_decimal(text))
                                      : std::string_view{};
    case Reading::rule_list:
      return named(NumberTable::kRuleList, parse_decimal(text));
    case Reading::promiscuous:
      return promiscuous_text(text);
    case Reading::multicast_group:
      return named(NumberTable::kMulticastGroup, parse_decimal(text));
    case Reading::uring_operation:
      return named(NumberTable::kUringOperation, parse_decimal(text));
    case Reading::permissions:
      return permissions_text(text, room);
    case Reading::session:
      return text == kNoSession ? "unset" : std::string_view{};
    case Reading::fanotify_response:
      return named(NumberTable::kFanotifyResponse, parse_decimal(text));
    case Reading::fanotify_info:
      return named(NumberTable::kFanotifyInfo, parse_decimal(text));
    case Reading::trust:
      return named(NumberTable::kTrust, parse_decimal(text));
  }
  return {};
}

}  // namespace

CallContext CallContext::of(std::span<const Field> syscall) noexcept {
  std::optional<std::uint64_t> arch;
  for (const Field& field : syscall) {
    if (field.key_id == key::kArch) {
      arch = parse<std::uint64_t>(field.value(), 16);
      if (!arch || *arch > 0xffffffff) return {};
    } else if (field.key_id == key::kSyscall) {
      const std::optional<std::uint32_t> number = parse_decimal(field.value());
      if (!arch || !number) return {};
      return {static_cast<std::uint32_t>(*arch), *number, syscall};
    }
  }
  return {};
}

CallContext::CallContext(std::uint32_t arch, std::uint32_t number,
                         std::span<const Field> syscall) noexcept
    : arch_(arch), plan_(call_plan(arch, number)) {
  if (plan_ != nullptr) find_arguments(syscall);
}

CallContext CallContext::of_socket_call(std::span<const Field> socketcall) const noexcept {
  CallContext inner;
  const std::optional<std::uint64_t> number = argument(0);
  if (!number || *number > 0xffffffff) return inner;
  inner.arch_ = arch_;
  inner.plan_ = socket_call_plan(static_cast<std::uint32_t>(*number));
  if (inner.plan_ != nullptr) inner.find_arguments(socketcall);
  return inner;
}

void CallContext::find_arguments(std::span<const Field> fields) noexcept {
  for (const Field& field : fields) {
    if (field.key_id < key::kA0 || field.key_id > key::kA3) continue;
    arguments_[field.key_id - key::kA0] = &field;
    if (field.key_id == key::kA3) return;
  }
}

std::optional<std::uint64_t> CallContext::argument(unsigned i) const noexcept {
  const Field* const field = arguments_[i];
  if (field == nullptr) return std::nullopt;
  return parse<std::uint64_t>(field->value(), 16);
}

constexpr std::array<bool, record::kKeyCount + 1> kInterpretedKeys = [] {
  std::array<bool, record::kKeyCount + 1> keys{};
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = kReadings[i] != Reading::none;
  return keys;
}();

// Most fields that come here are pointers, successes and files without capabilities: these are told
// by a look.
std::string_view interpret(RecordType type, const Field& field, const CallContext& call,
                           InterpretationText& room) noexcept {
  switch (kReadings[field.key_id]) {
    case Reading::none:
      return {};
    case Reading::argument:
      if (!call.has_meanings()) return {};
      break;
    case Reading::exit:
      if (field.value_size == 0 || *field.value_data != '-') return {};
      break;
    case Reading::session:
      if (field.value_size != kNoSession.size()) return {};
      break;
    case Reading::capability_mask:
      if (field.value_size == 1 && *field.value_data == '0' && type != kCryptoKeyUser)
        return "none";
      break;
    default:
      break;
  }
  return look_up(type, field, call, room);
}

std::optional<IdArgument> argument_id(const Field& field, const CallContext& call) noexcept {
  if (!call.has_meanings() || field.key_id < key::kA0 || field.key_id > key::kA3) return {};
  const How how = call.meaning(static_cast<unsigned>(field.key_id - key::kA0)).how;
  const bool is_short = how == How::short_user || how == How::short_group;
  if (!is_short && how != How::user && how != How::group) return {};
  const std::optional<std::uint64_t> value = parse<std::uint64_t>(field.value(), 16);
  if (!value) return {};
  auto id = static_cast<std::uint32_t>(*value);
  if (is_short && has_short_ids(call.arch())) {
    id &= 0xffff;
    if (id == 0xffff) id = 0xffffffff;  // -1: not changed
  }
  return IdArgument{how == How::group || how == How::short_group, id};
}

}  // namespace sorrel::enrich
