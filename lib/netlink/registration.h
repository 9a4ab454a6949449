#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "netlink/control_socket.h"
#include "netlink/event_socket.h"
#include "netlink/options.h"

namespace sorrel::netlink {

enum class RegistrationState : std::uint8_t {
  unregistered,  // nothing was started, or all was stopped
  registered,    // the kernel sends every record here and waits for us
  multicast,     // copies; the kernel waits for nobody and writes nothing for us
  lost,          // neither: every observe() tries again
};

// "registered": for status and metrics.
const char* state_name(RegistrationState state) noexcept;

// A change of state, for the log and the event stream.
struct RegistrationChange {
  // The same as `to` when it was lost and regained at once.
  RegistrationState from = RegistrationState::unregistered;
  RegistrationState to = RegistrationState::unregistered;
  std::uint32_t holder_pid = 0;  // who is registered instead of us; 0 when nobody is
  std::string reason;            // for people: what happened, and what to do
};

struct RegistrationOptions {
  bool read_only = false;  // input: multicast. Nothing is ever written to the kernel
  bool fall_back_to_multicast = true;
  bool take_over_when_free = false;
  std::uint32_t own_pid = 0;
  std::string proc_root = "/proc";  // where the holder's name is looked up
};

RegistrationOptions registration_options(const Options& options, bool read_only);

// Gets the records to flow to the event socket and keeps them flowing. The kernel has one audit
// pid. It gives it to a newcomer only when the last holder's socket is closed everywhere, and it
// sends to the socket that the request came from; so the request goes out on the event socket,
// and whether it worked is read back with AUDIT_GET on the control socket, since the
// acknowledgement is lost when the event socket is full.
//
// Belongs to the controlling thread. `events`, `control` and `clock` must outlive it.
class Registration {
 public:
  Registration(EventSocket& events, ControlSocket& control, const Clock& clock,
               RegistrationOptions options);

  // Registers, or joins the multicast group as configured. Errors: neither was possible; the
  // message names the holder and what to do.
  Result<RegistrationChange> start();

  // Call with each AUDIT_GET: finds that the pid was lost, registers again, falls back, takes over.
  // Nothing in most calls.
  std::optional<RegistrationChange> observe(const KernelStatus& status);

  // Ends it so that no record vanishes: a record of ours (`flush`, which should send a heartbeat)
  // pushes what the kernel still holds in its retry queue, `drain` empties the event socket, then
  // the pid is given back, and `drain` takes what came in between. Without it the queue would be
  // thrown away uncounted. Errors: the kernel did not let go; nothing is left to do then.
  Status stop(const std::function<void()>& flush, const std::function<void()>& drain);

  RegistrationState state() const noexcept { return state_; }
  // The process that is registered instead of us, as far as known; 0 when none.
  std::uint32_t holder_pid() const noexcept { return holder_pid_; }

 private:
  Result<std::uint32_t> try_register();
  Result<std::string> join();
  RegistrationChange change_to(RegistrationState state, std::string reason);
  std::optional<RegistrationChange> recover(const KernelStatus& status);
  std::optional<RegistrationChange> take_over(const KernelStatus& status);
  bool holder_is_gone(std::uint32_t pid) const;
  std::string describe_holder(std::uint32_t pid) const;

  EventSocket& events_;
  ControlSocket& control_;
  const Clock& clock_;
  RegistrationOptions options_;
  RegistrationState state_ = RegistrationState::unregistered;
  std::uint32_t holder_pid_ = 0;
  std::uint32_t free_observations_ = 0;  // in a row
  std::uint64_t next_attempt_ns_ = 0;    // of a take-over, monotonic
  std::uint64_t attempt_interval_ns_ = 0;
};

}  // namespace sorrel::netlink
