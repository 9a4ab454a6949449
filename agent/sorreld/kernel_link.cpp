#include "sorreld/kernel_link.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/log.h"
#include "netlink/message.h"
#include "netlink/netlink_socket.h"

namespace sorrel::agent {
namespace {

using netlink::RegistrationState;
using netlink::SettingOutcome;

constexpr std::uint64_t kNsPerMs = 1'000'000;

void log_outcome(const SettingOutcome& outcome) {
  switch (outcome.kind) {
    case SettingOutcome::Kind::changed:
      return log(Level::info, "kernel setting changed", {{"what", outcome.message}});
    case SettingOutcome::Kind::locked:
      return log(Level::hint, "kernel setting left as it is", {{"why", outcome.message}});
    case SettingOutcome::Kind::refused:
      return log(Level::error, "the kernel refused a setting", {{"what", outcome.message}});
    case SettingOutcome::Kind::unknown:
      return log(Level::warning, "kernel setting unknown", {{"what", outcome.message}});
  }
}

bool is_refusal(const Error& error) {
  return error.code == std::errc::operation_not_permitted ||
         error.code == std::errc::permission_denied || error.code == std::errc::connection_refused;
}

}  // namespace

Result<std::unique_ptr<KernelLink>> KernelLink::open(const netlink::Options& options,
                                                     bool read_only, const Clock& clock) {
  auto events =
      netlink::NetlinkSocket::open({.receive_buffer_bytes = options.receive_buffer_bytes});
  if (!events) return Unexpected<Error>(std::move(events).error());
  if (!(*events)->warning().empty()) {
    log(Level::warning, "the audit socket is not as wanted", {{"what", (*events)->warning()}});
  }
  auto control = netlink::NetlinkSocket::open({.receive_buffer_bytes = 0, .batch = 8});
  if (!control) return Unexpected<Error>(std::move(control).error());
  const auto nonce = netlink::random_nonce();
  if (!nonce) return Unexpected<Error>(nonce.error());
  return std::make_unique<KernelLink>(*std::move(events), *std::move(control), options,
                                      netlink::registration_options(options, read_only), *nonce,
                                      clock);
}

KernelLink::KernelLink(std::unique_ptr<netlink::AuditSocket> events,
                       std::unique_ptr<netlink::AuditSocket> control,
                       const netlink::Options& options, netlink::RegistrationOptions registration,
                       netlink::Nonce nonce, const Clock& clock)
    : clock_(clock),
      options_(options),
      read_only_(registration.read_only),
      events_(std::move(events)),
      control_(std::move(control), clock),
      registration_(events_, control_, clock, registration),
      watch_(nonce, registration.own_pid),
      heartbeat_({.calm_ms = options.heartbeat_ms, .trouble_ms = options.heartbeat_stall_ms},
                 clock) {}

std::string KernelLink::heartbeat_mark() const {
  const std::string text = netlink::heartbeat_text(watch_.nonce(), 1);
  return text.substr(0, text.rfind(' '));
}

Result<netlink::RegistrationChange> KernelLink::start() {
  auto change = registration_.start();
  if (!change) return change;
  if (registration_.state() == RegistrationState::registered) {
    if (const Status applied = apply_settings(); !applied) {
      const Status stopped = registration_.stop([] {}, [] {});
      static_cast<void>(stopped);  // the process ends, and the registration with it
      return Unexpected<Error>(applied.error());
    }
  }
  poll();
  return change;
}

Status KernelLink::apply_settings() {
  const auto status = control_.status();
  if (!status) return Unexpected<Error>(status.error());
  if (!before_) before_ = netlink::remember_settings(*status, options_.settings);
  const auto report = netlink::apply_settings(control_, options_.settings);
  if (!report) return Unexpected<Error>(report.error());
  for (const SettingOutcome& outcome : report->outcomes) log_outcome(outcome);
  say_if_audit_is_off(report->status);
  if (report->ok()) return Ok{};
  return fail(std::errc::operation_not_permitted,
              "the kernel refused a setting of the configuration's section kernel; correct it or "
              "say leave");
}

void KernelLink::say_if_audit_is_off(const netlink::KernelStatus& status) const {
  if (status.enabled != 0) return;
  log(Level::hint,
      "audit is switched off in the kernel, so no events come: set kernel.enabled to yes, run "
      "auditctl -e 1, or boot with audit=1");
}

std::uint32_t KernelLink::run_due() {
  heartbeat_.seen(watch_.last_seen());
  if (clock_.monotonic_ns() >= next_poll_ns_) poll();
  if (registration_.state() == RegistrationState::registered) {
    if (heartbeat_.overdue()) {
      // Still registered after a look: audit is off, or a rule excludes the type.
      poll();
      if (registration_.state() == RegistrationState::registered) heartbeat_.excuse();
    }
    if (heartbeat_.due()) send_heartbeat();
  }
  const std::uint64_t now_ns = clock_.monotonic_ns();
  std::uint64_t wait_ms =
      (next_poll_ns_ - std::min(next_poll_ns_, now_ns) + kNsPerMs - 1) / kNsPerMs;
  if (registration_.state() == RegistrationState::registered) {
    wait_ms = std::min<std::uint64_t>(wait_ms, heartbeat_.next_check_ms());
  }
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(wait_ms, 1));
}

void KernelLink::poll() {
  next_poll_ns_ = clock_.monotonic_ns() + options_.status_poll_ms * kNsPerMs;
  netlink::KernelStatus status;
  if (may_ask_) {
    const auto asked = control_.status();
    if (asked) {
      status = *asked;
    } else if (read_only_ && is_refusal(asked.error())) {
      may_ask_ = false;
      log(Level::hint,
          "what the kernel itself lost is not known without CAP_AUDIT_CONTROL; holes "
          "in the serials still are");
    } else {
      log(Level::warning, "the kernel does not tell its audit status",
          {{"error", asked.error().to_string()}});
      return;
    }
  }
  count_losses(status);
  if (const std::uint32_t pid = events_.take_replacer(); pid != 0) {
    log(Level::warning, "another process tried to become the audit daemon; the kernel refused it",
        {{"pid", std::to_string(pid)}});
  }
  if (!may_ask_) return;
  is_audit_on_ = status.enabled != 0;
  const auto change = registration_.observe(status);
  if (!change) return;
  log(change->to == RegistrationState::registered ? Level::info : Level::warning,
      "the way of the events changed",
      {{"mode", netlink::state_name(change->to)}, {"reason", change->reason}});
  heartbeat_.note_trouble();
  // The kernel was another daemon's until now.
  if (change->to == RegistrationState::registered && change->from == RegistrationState::multicast) {
    if (const Status applied = apply_settings(); !applied) {
      log(Level::error, "the kernel's settings are not as configured",
          {{"error", applied.error().to_string()}});
    }
  }
  if (tell_mode_) tell_mode_(*change);
}

void KernelLink::count_losses(const netlink::KernelStatus& status) {
  const auto memory = events_.memory();
  const netlink::LossDelta delta =
      loss_counters_.poll(status, memory ? *memory : netlink::SocketMemory{});
  if (delta.trouble()) heartbeat_.note_trouble();
  lost_.kernel.add(delta.kernel_lost);
  // In unicast the kernel tries again; what it gives up on shows as holes.
  if (registration_.state() == RegistrationState::multicast) {
    lost_.socket.add(delta.socket_refusals);
  }
}

// May sleep in the kernel while the backlog is over its limit; the intake goes on draining.
bool KernelLink::send_heartbeat() {
  const auto sent = control_.send_user_message(
      netlink::message::kTrustedApp,
      netlink::heartbeat_text(watch_.nonce(), heartbeat_.next_sequence()));
  heartbeat_.sent();
  if (sent) return true;
  heartbeat_.excuse();
  log(Level::warning, "cannot send a heartbeat through the kernel",
      {{"error", sent.error().to_string()}});
  return false;
}

Status KernelLink::stop(const std::function<void()>& drain) {
  if (registration_.state() == RegistrationState::registered) {
    if (options_.at_exit == netlink::AtExit::restore) restore_settings();
    poll();
  }
  left_record_ = is_audit_on_ && registration_.state() == RegistrationState::registered;
  std::uint64_t beat = 0;
  const auto flush = [&] {
    if (options_.heartbeat_ms != 0 && send_heartbeat() && is_audit_on_) {
      beat = heartbeat_.next_sequence() - 1;
    }
  };
  return registration_.stop(flush, [&] { drain_until(beat, drain); });
}

// What the kernel held back comes before the heartbeat. 0: none was sent.
void KernelLink::drain_until(std::uint64_t beat, const std::function<void()>& drain) const {
  drain();
  for (std::uint32_t ms = 0; watch_.last_seen() < beat && ms < kLastBeatMs; ++ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    drain();
  }
}

void KernelLink::restore_settings() {
  if (!before_) return;
  const auto report = netlink::apply_settings(control_, *before_);
  if (!report) {
    log(Level::warning, "the kernel's settings are not restored",
        {{"error", report.error().to_string()}});
    return;
  }
  for (const SettingOutcome& outcome : report->outcomes) log_outcome(outcome);
}

void KernelLink::reconfigure(const netlink::Options& options) {
  const bool settings_changed = options.settings != options_.settings;
  options_ = options;
  next_poll_ns_ = 0;
  if (!settings_changed || registration_.state() != RegistrationState::registered) return;
  if (const Status applied = apply_settings(); !applied) {
    log(Level::error, "the kernel's settings are not as configured",
        {{"error", applied.error().to_string()}});
  }
}

}  // namespace sorrel::agent
