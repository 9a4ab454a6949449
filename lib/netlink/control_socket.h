#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/result.h"
#include "netlink/audit_socket.h"
#include "netlink/kernel_status.h"

namespace sorrel::netlink {

// Who sent the registered daemon its last TERM, HUP, USR1 or USR2 (AUDIT_SIGNAL_INFO).
struct SignalInfo {
  std::uint32_t uid = 0;
  std::uint32_t pid = 0;  // 0: nobody sent one yet
  std::string context;    // of the LSM; often empty
};

// Requests to the kernel and their answers, on a socket that no record is ever sent to. Belongs to
// one thread, never to the one that drains the event socket (see AuditSocket::send()).
// Each call waits at most `timeout_ms` for its answer.
//
// Errors of all: EPERM and ECONNREFUSED with what it takes (capability, namespace), timed_out.
class ControlSocket {
 public:
  static constexpr std::uint32_t kTimeoutMs = 5'000;

  ControlSocket(std::unique_ptr<AuditSocket> socket, const Clock& clock,
                std::uint32_t timeout_ms = kTimeoutMs);

  // AUDIT_GET. The answer comes from a kernel thread, so any acknowledgement may precede it: none
  // is asked for.
  Result<KernelStatus> status();
  // AUDIT_SET with one bit.
  Status set(Setting setting, std::uint32_t value);
  // A record of type 1005, 1100..1199 or 2100..2999: `msg='TEXT'`. Needs CAP_AUDIT_WRITE. Success
  // without a record when audit is off (enabled 0) or a rule excludes it.
  Status send_user_message(std::uint16_t type, std::string_view text);
  Result<SignalInfo> signal_info();

  // Any other request that is answered by an acknowledgement (rules, features).
  Status request(std::uint16_t type, std::span<const std::byte> payload);
  // A request without a payload that is answered by one message: its payload.
  Result<std::vector<std::byte>> ask(std::uint16_t type);
  // A request that is answered by a list: `each` sees every payload, valid during the call. Ends at
  // the list's end or when `each` returns false.
  Status list(std::uint16_t type,
              const std::function<bool(std::span<const std::byte> payload)>& each);

  // Answers to requests that had already timed out: dropped.
  const Counter& late_answers() const noexcept { return late_answers_; }

 private:
  enum class Until : std::uint8_t { acknowledgement, reply, end_of_list };
  using Sink = std::function<bool(std::span<const std::byte> payload)>;

  Status transact(std::uint16_t type, std::span<const std::byte> payload, Until until,
                  const Sink& sink);
  Result<bool> take_answers(std::uint16_t type, std::uint32_t sequence, Until until,
                            const Sink& sink);

  std::unique_ptr<AuditSocket> socket_;
  const Clock& clock_;
  std::uint32_t timeout_ms_;
  std::uint32_t sequence_ = 0;
  Counter late_answers_;
};

// Says what an errno of the audit protocol means and what to do about it: "EPERM: ...". For the
// message of an Error about `what`.
std::string explain_refusal(int error_number, std::string_view what);

}  // namespace sorrel::netlink
