#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/counter.h"
#include "base/result.h"
#include "netlink/control_socket.h"
#include "netlink/event_socket.h"
#include "netlink/heartbeat.h"
#include "netlink/kernel_settings.h"
#include "netlink/loss_counters.h"
#include "netlink/options.h"
#include "netlink/registration.h"

namespace sorrel::agent {

// What the kernel's own counters say was lost; written by the reactor's thread at each poll, read
// by any.
struct KernelLosses {
  Counter kernel;  // it admits them
  Counter socket;  // multicast: copies that did not fit into our receive buffer
};

// Both sockets, and all that is done with them but reading records: registration, settings,
// heartbeats, the kernel's loss counters. Belongs to the reactor's thread; the intake's thread
// receives on events() meanwhile, and tells watch() of the heartbeats it meets.
class KernelLink {
 public:
  // Opens the sockets. `read_only`: input multicast; nothing is ever written to the kernel.
  // Errors: no audit here, or no descriptor.
  static Result<std::unique_ptr<KernelLink>> open(const netlink::Options& options, bool read_only,
                                                  const Clock& clock);
  // With sockets that are open already; `registration` says who we are.
  KernelLink(std::unique_ptr<netlink::AuditSocket> events,
             std::unique_ptr<netlink::AuditSocket> control, const netlink::Options& options,
             netlink::RegistrationOptions registration, netlink::Nonce nonce, const Clock& clock);

  // Called when the state changes after start().
  void on_mode_change(std::function<void(const netlink::RegistrationChange&)> tell) {
    tell_mode_ = std::move(tell);
  }

  // Registers or joins, as configured; when registered, applies the settings. Errors: neither
  // worked, file_exists when another daemon is in the way; or the kernel refused a setting.
  Result<netlink::RegistrationChange> start();

  // Does what is due: polls the kernel's status, finds changes of the registration, sends the
  // heartbeat. Returns in how many milliseconds to call it again.
  std::uint32_t run_due();

  // Gives the registration back so that nothing is lost; see Registration::stop(). A heartbeat goes
  // ahead; it is waited for, kLastBeatMs at the most. `drain` waits until the intake has emptied
  // the event socket.
  static constexpr std::uint32_t kLastBeatMs = 1'000;
  Status stop(const std::function<void()>& drain);
  // Whether stop() made the kernel write a record (CONFIG_CHANGE, audit_pid=0) that we were not
  // there to receive.
  bool left_record() const noexcept { return left_record_; }

  // A reload: settings that the new options name are applied when we are registered. Of the others,
  // status_poll and at_exit are taken.
  void reconfigure(const netlink::Options& options);

  netlink::EventSocket& events() noexcept { return events_; }
  const KernelLosses& losses() const noexcept { return lost_; }
  netlink::HeartbeatWatch& watch() noexcept { return watch_; }
  // What our heartbeats have in their text, for Pipeline::set_heartbeat_mark().
  std::string heartbeat_mark() const;
  netlink::RegistrationState state() const noexcept { return registration_.state(); }
  // Who sent the last signal to the registered daemon, as the kernel kept it.
  Result<netlink::SignalInfo> signal_info() { return control_.signal_info(); }

 private:
  void poll();
  void count_losses(const netlink::KernelStatus& status);
  bool send_heartbeat();
  void drain_until(std::uint64_t beat, const std::function<void()>& drain) const;
  Status apply_settings();
  void restore_settings();
  void say_if_audit_is_off(const netlink::KernelStatus& status) const;

  const Clock& clock_;
  netlink::Options options_;
  const bool read_only_;
  netlink::EventSocket events_;
  netlink::ControlSocket control_;
  netlink::Registration registration_;
  netlink::HeartbeatWatch watch_;
  netlink::HeartbeatScheduler heartbeat_;
  netlink::LossCounters loss_counters_;
  KernelLosses lost_;
  std::function<void(const netlink::RegistrationChange&)> tell_mode_;
  std::optional<netlink::KernelSettings> before_;  // to be restored at exit
  bool is_audit_on_ = true;                        // as of the last poll
  bool left_record_ = false;
  bool may_ask_ = true;  // AUDIT_GET takes CAP_AUDIT_CONTROL, which a listener may lack
  std::uint64_t next_poll_ns_ = 0;
};

}  // namespace sorrel::agent
