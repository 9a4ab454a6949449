#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sorrel::record {

// A record's type: the nlmsg_type of its datagram, 0..65535 (linux/audit.h, libaudit's
// audit-records.h). Types of ours lie above kFirstOwn, where the kernel has none.
using RecordType = std::uint16_t;

namespace type {
inline constexpr RecordType kUser = 1005;
inline constexpr RecordType kLogin = 1006;
inline constexpr RecordType kFirstUserMessage = 1100;
inline constexpr RecordType kTrustedApp = 1121;
inline constexpr RecordType kLastUserMessage = 1199;
inline constexpr RecordType kFirstDaemon = 1200;
inline constexpr RecordType kDaemonStart = 1200;
inline constexpr RecordType kDaemonEnd = 1201;
inline constexpr RecordType kDaemonConfig = 1203;
inline constexpr RecordType kDaemonRotate = 1205;
inline constexpr RecordType kLastDaemon = 1299;
inline constexpr RecordType kSyscall = 1300;
inline constexpr RecordType kPath = 1302;
inline constexpr RecordType kConfigChange = 1305;
inline constexpr RecordType kSockaddr = 1306;
inline constexpr RecordType kCwd = 1307;
inline constexpr RecordType kExecve = 1309;
inline constexpr RecordType kTty = 1319;
inline constexpr RecordType kEoe = 1320;
inline constexpr RecordType kProctitle = 1327;
inline constexpr RecordType kReplace = 1329;
inline constexpr RecordType kUringop = 1336;
inline constexpr RecordType kAvc = 1400;
inline constexpr RecordType kKernel = 2000;
inline constexpr RecordType kFirstUserMessage2 = 2100;
inline constexpr RecordType kLastUserMessage2 = 2999;

inline constexpr RecordType kFirstOwn = 0xff00;
inline constexpr RecordType kSorrelLoss = 0xff00;      // records or events that were lost
inline constexpr RecordType kSorrelUnparsed = 0xff01;  // an input line that is no audit record
inline constexpr RecordType kSorrelHealth = 0xff02;    // a change in the agent's own state
inline constexpr RecordType kSorrelExeHash = 0xff03;   // of a program that was started before
inline constexpr RecordType kUnknownName = 0xffff;     // a text line whose type name no table has
}  // namespace type

// The name of `number` ("SYSCALL"), or an empty view when no table has it: such a record is called
// UNKNOWN[number], as auditd does. The view lives for ever.
std::string_view type_name(RecordType number) noexcept;

// The number for a name as auditd writes it, "UNKNOWN[n]" included. Nothing for a name that no
// table has.
std::optional<RecordType> type_number(std::string_view name) noexcept;

// Replies and requests of the control protocol (1000..1004, 1007..1019 and so on) are no events.
bool is_event_type(RecordType number) noexcept;

// True for messages that user space sends through the kernel: 1005, 1100..1199, 2100..2999.
constexpr bool is_user_message(RecordType t) noexcept {
  return t == type::kUser || (t >= type::kFirstUserMessage && t <= type::kLastUserMessage) ||
         (t >= type::kFirstUserMessage2 && t <= type::kLastUserMessage2);
}

// True for what an audit daemon says of itself: DAEMON_* and SORREL_*.
constexpr bool is_own(RecordType t) noexcept {
  return (t >= type::kFirstDaemon && t <= type::kLastDaemon) ||
         (t >= type::kFirstOwn && t != type::kUnknownName);
}

// True for records that are an event by themselves and that no other record can join: the audit
// daemon's own (1200..1299), ours, and the kernel's 2000. A name that no table has may be one of a
// newer kernel's records, which belong to the event of their id.
constexpr bool is_always_alone(RecordType t) noexcept {
  return is_own(t) || t == type::kKernel;
}

}  // namespace sorrel::record
