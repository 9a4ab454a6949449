#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "event/loss.h"
#include "input/kernel_source.h"
#include "netlink/control_socket.h"
#include "netlink/event_socket.h"
#include "netlink/heartbeat.h"
#include "netlink/kernel_settings.h"
#include "netlink/loss_counters.h"
#include "netlink/options.h"
#include "netlink/registration.h"

namespace sorrel::agent {

// What the kernel's side tells the rest of the daemon. Called on the controlling thread.
struct KernelLinkEvents {
  std::function<void(const event::LossReport&)> lost;
  std::function<void(const netlink::RegistrationChange&)> changed;
};

// Everything between the daemon and the kernel but the reading of records: registration, settings,
// polls of the kernel's counters, heartbeats. All methods belong to the controlling thread.
class KernelLink {
 public:
  // Opens both sockets. `read_only`: the multicast group; nothing is ever written to the kernel.
  // Errors: no audit in this kernel, no permission.
  static Result<std::unique_ptr<KernelLink>> open(const netlink::Options& options, bool read_only,
                                                  const Clock& clock, KernelLinkEvents events);

  // Applies the settings and registers. Errors: neither the audit pid nor the group was to be had;
  // the message names the holder and what to do.
  Status start();
  // Applies changed settings (SIGHUP).
  void apply_settings(const netlink::KernelSettings& wanted);
  // AUDIT_GET: registration, losses. Every status_poll_ms.
  void poll();
  // Sends a heartbeat when one is due; returns the milliseconds until it is to be called again.
  std::uint32_t beat();
  // Ends the registration so that nothing vanishes; `drain` empties the event socket.
  void stop(const std::function<void()>& drain);

  input::KernelSource& source() noexcept { return *source_; }
  // What marks a heartbeat of this run in the stream.
  std::string heartbeat_mark() const;
  // The event socket's buffer is more than three quarters full: any thread.
  bool is_socket_filling() const;
  std::uint64_t socket_buffer_bytes() const;
  netlink::RegistrationState state() const noexcept { return registration_->state(); }
  const netlink::EventCounters& counters() const noexcept { return events_socket_->counters(); }
  // Who sent the last signal, for DAEMON_END; nothing when the kernel does not tell.
  std::optional<netlink::SignalInfo> signal_sender();

 private:
  KernelLink(const netlink::Options& options, bool read_only, const Clock& clock,
             KernelLinkEvents events);
  void report(event::LossCause cause, std::uint64_t count, std::string detail);
  void send_heartbeat();
  bool may_write() const noexcept {
    return registration_->state() == netlink::RegistrationState::registered;
  }

  const netlink::Options options_;
  const bool read_only_;
  const Clock& clock_;
  const KernelLinkEvents events_;
  std::unique_ptr<netlink::EventSocket> events_socket_;
  std::unique_ptr<netlink::ControlSocket> control_;
  std::unique_ptr<netlink::HeartbeatWatch> watch_;
  std::unique_ptr<netlink::HeartbeatScheduler> heartbeat_;
  std::unique_ptr<netlink::Registration> registration_;
  std::unique_ptr<input::KernelSource> source_;
  netlink::LossCounters losses_;
  netlink::KernelSettings remembered_;
  std::uint64_t last_poll_ns_ = 0;  // real time: losses lie between two polls
  std::uint64_t truncated_ = 0;     // as reported so far
};

}  // namespace sorrel::agent
