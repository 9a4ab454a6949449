#include "sorreld/kernel_link.h"

#include <unistd.h>

#include <utility>

#include "base/log.h"
#include "netlink/netlink_socket.h"
#include "record/record_type.h"

namespace sorrel::agent {
namespace {

using netlink::RegistrationState;
using netlink::SettingOutcome;

void log_settings(const netlink::SettingsReport& report) {
  for (const SettingOutcome& outcome : report.outcomes) {
    const Level level =
        outcome.kind == SettingOutcome::Kind::refused ? Level::warning : Level::info;
    log(level, "kernel setting",
        {{"name", std::string(netlink::setting_name(outcome.setting))}, {"what", outcome.message}});
  }
}

}  // namespace

KernelLink::KernelLink(const netlink::Options& options, bool read_only, const Clock& clock,
                       KernelLinkEvents events)
    : options_(options), read_only_(read_only), clock_(clock), events_(std::move(events)) {}

Result<std::unique_ptr<KernelLink>> KernelLink::open(const netlink::Options& options,
                                                     bool read_only, const Clock& clock,
                                                     KernelLinkEvents events) {
  std::unique_ptr<KernelLink> link(new KernelLink(options, read_only, clock, std::move(events)));
  Result<std::unique_ptr<netlink::NetlinkSocket>> records =
      netlink::NetlinkSocket::open({.receive_buffer_bytes = options.receive_buffer_bytes});
  if (!records) return Unexpected<Error>(std::move(records).error());
  if (!(*records)->warning().empty())
    log(Level::warning, "the event socket", {{"what", (*records)->warning()}});
  Result<std::unique_ptr<netlink::NetlinkSocket>> control =
      netlink::NetlinkSocket::open({.batch = 4});
  if (!control) return Unexpected<Error>(std::move(control).error());
  const Result<netlink::Nonce> nonce = netlink::random_nonce();
  if (!nonce) return Unexpected<Error>(nonce.error());

  const auto pid = static_cast<std::uint32_t>(::getpid());
  link->events_socket_ = std::make_unique<netlink::EventSocket>(*std::move(records));
  link->control_ = std::make_unique<netlink::ControlSocket>(*std::move(control), clock);
  link->watch_ = std::make_unique<netlink::HeartbeatWatch>(*nonce, pid);
  link->heartbeat_ = std::make_unique<netlink::HeartbeatScheduler>(
      netlink::HeartbeatOptions{.calm_ms = options.heartbeat_ms,
                                .trouble_ms = options.heartbeat_stall_ms},
      clock);
  netlink::RegistrationOptions registration = netlink::registration_options(options, read_only);
  registration.own_pid = pid;
  link->registration_ = std::make_unique<netlink::Registration>(
      *link->events_socket_, *link->control_, clock, registration);
  link->source_ =
      std::make_unique<input::KernelSource>(*link->events_socket_, clock, link->watch_.get());
  return link;
}

Status KernelLink::start() {
  last_poll_ns_ = clock_.realtime_ns();
  Result<netlink::RegistrationChange> change = registration_->start();
  if (!change) return Unexpected<Error>(std::move(change).error());
  if (may_write()) {
    if (const Result<netlink::KernelStatus> status = control_->status())
      remembered_ = netlink::remember_settings(*status, options_.settings);
    apply_settings(options_.settings);
  }
  events_.changed(*change);
  poll();
  if (const Result<netlink::KernelStatus> status = control_->status();
      status && status->enabled == 0)
    log(Level::hint, "the kernel's audit is off: no records will come",
        {{"remedy", read_only_ ? "auditctl -e 1" : "set kernel: {enabled: yes}"}});
  return Ok{};
}

void KernelLink::apply_settings(const netlink::KernelSettings& wanted) {
  if (!may_write()) return;
  const Result<netlink::SettingsReport> report = netlink::apply_settings(*control_, wanted);
  if (report)
    log_settings(*report);
  else
    log(Level::warning, "kernel settings were not applied",
        {{"error", report.error().to_string()}});
}

void KernelLink::report(event::LossCause cause, std::uint64_t count, std::string detail) {
  if (count == 0) return;
  event::LossReport loss;
  loss.cause = cause;
  loss.count = count;
  loss.since_ns = last_poll_ns_;
  loss.until_ns = clock_.realtime_ns();
  loss.detail = std::move(detail);
  events_.lost(loss);
}

void KernelLink::poll() {
  const Result<netlink::KernelStatus> status = control_->status();
  if (!status) {
    log(Level::warning, "the kernel does not tell its audit status",
        {{"error", status.error().to_string()}});
    return;
  }
  if (const std::uint32_t pid = events_socket_->take_replacer(); pid != 0)
    log(Level::warning, "another process tried to become the audit daemon",
        {{"pid", std::to_string(pid)}});
  if (const std::optional<netlink::RegistrationChange> change = registration_->observe(*status))
    events_.changed(*change);
  if (const Result<netlink::SocketMemory> memory = events_socket_->memory()) {
    const netlink::LossDelta delta = losses_.poll(*status, *memory);
    report(event::LossCause::kernel, delta.kernel_lost, "the kernel's own counter");
    // In unicast mode the kernel keeps a refused record and tries again: trouble, but no loss.
    if (registration_->state() == RegistrationState::multicast)
      report(event::LossCause::socket, delta.socket_refusals, "the multicast socket was full");
    if (delta.trouble()) heartbeat_->note_trouble();
  }
  const std::uint64_t truncated = events_socket_->counters().truncated.value();
  report(event::LossCause::size, truncated - truncated_, "records longer than the buffer were cut");
  truncated_ = truncated;
  last_poll_ns_ = clock_.realtime_ns();
}

void KernelLink::send_heartbeat() {
  const std::string text = netlink::heartbeat_text(watch_->nonce(), heartbeat_->next_sequence());
  const Status sent = control_->send_user_message(record::type::kTrustedApp, text);
  heartbeat_->sent();
  if (!sent)
    log(Level::warning, "a heartbeat could not be sent", {{"error", sent.error().to_string()}});
}

std::uint32_t KernelLink::beat() {
  constexpr std::uint32_t kIdleMs = 60'000;
  if (options_.heartbeat_ms == 0 || !may_write()) return kIdleMs;
  heartbeat_->seen(watch_->last_seen());
  if (heartbeat_->overdue()) {
    poll();
    if (may_write()) heartbeat_->excuse();  // still ours: audit is off, or a rule excludes the type
  }
  if (heartbeat_->due()) send_heartbeat();
  return heartbeat_->next_check_ms();
}

void KernelLink::stop(const std::function<void()>& drain) {
  const bool restore = options_.at_exit == netlink::AtExit::restore && may_write();
  if (restore) apply_settings(remembered_);
  const auto flush = [this] {
    if (options_.heartbeat_ms != 0 && may_write()) send_heartbeat();
  };
  if (const Status stopped = registration_->stop(flush, drain); !stopped)
    log(Level::warning, "the audit pid was not given back",
        {{"error", stopped.error().to_string()}});
}

std::string KernelLink::heartbeat_mark() const {
  std::string text = netlink::heartbeat_text(watch_->nonce(), 0);
  text.resize(text.rfind("seq="));
  return text;
}

bool KernelLink::is_socket_filling() const {
  const Result<netlink::SocketMemory> memory = events_socket_->memory();
  return memory && memory->used_bytes > memory->limit_bytes / 4 * 3;
}

std::uint64_t KernelLink::socket_buffer_bytes() const {
  const Result<netlink::SocketMemory> memory = events_socket_->memory();
  return memory ? memory->limit_bytes : 0;
}

std::optional<netlink::SignalInfo> KernelLink::signal_sender() {
  if (!may_write()) return std::nullopt;
  Result<netlink::SignalInfo> info = control_->signal_info();
  if (!info || info->pid == 0) return std::nullopt;
  return *std::move(info);
}

}  // namespace sorrel::agent
