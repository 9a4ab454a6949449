#include "enrich/interpret.h"

#include <optional>

#include "enrich/argument_text.h"
#include "enrich/meaning_text.h"
#include "enrich/parse_number.h"
#include "enrich/reading.h"
#include "enrich/word_text.h"
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
constexpr RecordType kCryptoKeyUser = 2404;

constexpr std::string_view kNoSession = "4294967295";

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

std::string_view mode_field(RecordType type, std::string_view text,
                            InterpretationText& room) noexcept {
  const std::optional<std::uint32_t> mode = parse_mode(text);
  if (!mode) return {};
  const std::string_view usual = usual_node_mode(*mode);
  if (!usual.empty() && type != kMqOpen) return usual;
  return type == kMqOpen ? mode_text(*mode, room) : node_mode_text(*mode, room);
}

std::string_view capabilities_text(std::string_view text, InterpretationText& room) noexcept {
  const std::optional<std::uint64_t> mask = parse_hex(text);
  if (!mask) return {};
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

// Of the kernel's records; programs write words, which need no other.
std::string_view result_text(std::string_view text) noexcept {
  if (text == "1") return "yes";
  return text == "0" ? "no" : std::string_view{};
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
      return mode_field(type, text, room);
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
    case Reading::result:
      return result_text(text);
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
      // Nearly every file: that it has none is nothing to be said once more.
      if (field.value_size == 1 && *field.value_data == '0') return {};
      break;
    default:
      break;
  }
  return look_up(type, field, call, room);
}

}  // namespace sorrel::enrich
