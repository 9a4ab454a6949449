#include "netlink/control_socket.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "netlink/message.h"

namespace sorrel::netlink {
namespace {

std::string_view request_name(std::uint16_t type) noexcept {
  switch (type) {
    case message::kGet:
      return "AUDIT_GET";
    case message::kSet:
      return "AUDIT_SET";
    case message::kSignalInfo:
      return "AUDIT_SIGNAL_INFO";
    case message::kAddRule:
      return "AUDIT_ADD_RULE";
    case message::kDelRule:
      return "AUDIT_DEL_RULE";
    case message::kListRules:
      return "AUDIT_LIST_RULES";
    case message::kTrim:
      return "AUDIT_TRIM";
    case message::kMakeEquivalent:
      return "AUDIT_MAKE_EQUIV";
    case message::kSetFeature:
      return "AUDIT_SET_FEATURE";
    case message::kGetFeature:
      return "AUDIT_GET_FEATURE";
    default:
      return "an audit message";
  }
}

}  // namespace

std::string explain_refusal(int error_number, std::string_view what) {
  std::string text = "the kernel refused ";
  text += what;
  switch (error_number) {
    case EPERM:
      text +=
          ": it takes CAP_AUDIT_CONTROL (CAP_AUDIT_WRITE for messages) and the host's pid "
          "namespace, and settings and rules must not be locked (enabled 2)";
      break;
    case ECONNREFUSED:
      text +=
          ": audit is not in this kernel, was turned off at boot (audit=0), or this process is in "
          "a user namespace of its own; a container needs the host's";
      break;
    case EEXIST:
      text += ": it is there already";
      break;
    case EINVAL:
      text += ": a value is out of range, or this kernel does not know it";
      break;
    default:
      break;
  }
  return text;
}

ControlSocket::ControlSocket(std::unique_ptr<AuditSocket> socket, const Clock& clock,
                             std::uint32_t timeout_ms)
    : socket_(std::move(socket)), clock_(clock), timeout_ms_(timeout_ms) {}

Result<KernelStatus> ControlSocket::status() {
  std::optional<Result<KernelStatus>> status;
  auto done = transact(message::kGet, {}, Until::reply, [&](std::span<const std::byte> payload) {
    status = decode_status(payload);
    return true;
  });
  if (!done) return Unexpected<Error>(std::move(done).error());
  return std::move(*status);
}

Status ControlSocket::set(Setting setting, std::uint32_t value) {
  auto done = transact(message::kSet, encode_setting(setting, value), Until::acknowledgement, {});
  if (done) return done;
  const int error_number = done.error().code.value();
  if (done.error().code == std::errc::timed_out) return done;
  return fail(done.error().code,
              explain_refusal(error_number, "to set " + std::string(setting_name(setting)) +
                                                " to " + std::to_string(value)));
}

Status ControlSocket::send_user_message(std::uint16_t type, std::string_view text) {
  // The kernel puts a NUL over the last byte (kernel/audit.c, audit_receive_msg()): give it one.
  std::vector<std::byte> payload(text.size() + 1);
  std::memcpy(payload.data(), text.data(), text.size());
  return transact(type, payload, Until::acknowledgement, {});
}

Result<SignalInfo> ControlSocket::signal_info() {
  SignalInfo info;
  bool complete = false;
  auto done =
      transact(message::kSignalInfo, {}, Until::reply, [&](std::span<const std::byte> payload) {
        // struct audit_sig_info: uid, pid, then the context, not terminated.
        constexpr std::size_t kFixed = 2 * sizeof(std::uint32_t);
        if (payload.size() < kFixed) return true;
        std::memcpy(&info.uid, payload.data(), sizeof info.uid);
        std::memcpy(&info.pid, payload.data() + sizeof info.uid, sizeof info.pid);
        info.context.assign(reinterpret_cast<const char*>(payload.data()) + kFixed,
                            payload.size() - kFixed);
        while (!info.context.empty() && info.context.back() == '\0') info.context.pop_back();
        // -1 from the kernel until somebody sends one.
        if (info.pid == UINT32_MAX) info.pid = 0;
        complete = true;
        return true;
      });
  if (!done) return Unexpected<Error>(std::move(done).error());
  if (!complete)
    return fail(std::errc::bad_message, "the kernel's signal information is too short");
  return info;
}

Status ControlSocket::request(std::uint16_t type, std::span<const std::byte> payload) {
  return transact(type, payload, Until::acknowledgement, {});
}

Result<std::vector<std::byte>> ControlSocket::ask(std::uint16_t type) {
  std::vector<std::byte> reply;
  const Status done = transact(type, {}, Until::reply, [&](std::span<const std::byte> payload) {
    reply.assign(payload.begin(), payload.end());
    return true;
  });
  if (!done) return Unexpected<Error>(done.error());
  return reply;
}

Status ControlSocket::list(std::uint16_t type, const Sink& each) {
  return transact(type, {}, Until::end_of_list, each);
}

Status ControlSocket::transact(std::uint16_t type, std::span<const std::byte> payload, Until until,
                               const Sink& sink) {
  if (payload.size() > kMaxMessageBytes - kHeaderBytes) {
    return fail(std::errc::message_size, std::string(request_name(type)) + " of " +
                                             std::to_string(payload.size()) +
                                             " bytes is too long for the kernel");
  }
  const std::uint32_t sequence = ++sequence_;
  const std::uint16_t flags = until == Until::acknowledgement ? kFlagAck : 0;
  if (auto sent = socket_->send(Request(type, flags, sequence, payload).bytes()); !sent) {
    return fail(sent.error().code, explain_refusal(sent.error().code.value(), request_name(type)));
  }
  const std::uint64_t deadline_ns = clock_.monotonic_ns() + timeout_ms_ * std::uint64_t{1'000'000};
  for (;;) {
    auto done = take_answers(type, sequence, until, sink);
    if (!done) return Unexpected<Error>(std::move(done).error());
    if (*done) return Ok{};
    const std::uint64_t now_ns = clock_.monotonic_ns();
    if (now_ns >= deadline_ns) {
      return fail(std::errc::timed_out, "the kernel did not answer " +
                                            std::string(request_name(type)) + " within " +
                                            std::to_string(timeout_ms_) + " ms");
    }
    const auto left_ms = static_cast<std::uint32_t>((deadline_ns - now_ns + 999'999) / 1'000'000);
    if (auto ready = socket_->wait_readable(left_ms); !ready) {
      return Unexpected<Error>(std::move(ready).error());
    }
  }
}

// True when the request is answered; false when more has to be waited for.
Result<bool> ControlSocket::take_answers(std::uint16_t type, std::uint32_t sequence, Until until,
                                         const Sink& sink) {
  bool done = false;
  for (;;) {
    auto raw = socket_->receive();
    if (!raw) return Unexpected<Error>(std::move(raw).error());
    if (raw->empty()) return done;
    // The whole batch is looked at even when done, so that nothing of it counts as late later.
    for (const RawDatagram& datagram : *raw) {
      if (datagram.sender_port != 0 || datagram.bytes.size() < kHeaderBytes) continue;
      const Header header = read_header(datagram.bytes);
      if (header.sequence != sequence || done) {
        late_answers_.add();
        continue;
      }
      const auto payload = datagram.bytes.subspan(kHeaderBytes);
      if (header.type == message::kError) {
        int error_number = 0;
        std::uint32_t answered = 0;
        if (!read_error(payload, error_number, answered)) continue;
        if (error_number != 0) {
          return fail_errno(error_number, explain_refusal(error_number, request_name(type)));
        }
        done = until == Until::acknowledgement;
      } else if (header.type == message::kDone) {
        done = until == Until::end_of_list;
      } else if (header.type == type && until != Until::acknowledgement) {
        const bool more = sink(payload);
        done = until == Until::reply || !more;
      }
    }
  }
}

}  // namespace sorrel::netlink
