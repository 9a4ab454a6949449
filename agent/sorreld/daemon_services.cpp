// What Daemon::start() puts beside the way of the events: questions, rules, the count of losses.
#include <utility>

#include "base/log.h"
#include "sorreld/control_service.h"
#include "sorreld/daemon.h"

namespace sorrel::agent {

void Daemon::watch_losses() {
  const IntakeCounters& intake = intake_->counters();
  losses_.add(event::LossCause::ring,
              "the ring between intake and pipeline was full; enlarge input.ring",
              [&intake] { return intake.dropped.value(); });
  losses_.add(event::LossCause::size, "records did not fit into the ring; enlarge input.ring",
              [&intake] { return intake.oversize.value(); });
  if (!input_.kernel) return;
  const netlink::EventCounters& socket = input_.kernel->events().counters();
  losses_.add(event::LossCause::size, "records longer than any of the kernel's lost their end",
              [&socket] { return socket.truncated.value(); });
  const KernelLosses& kernel = input_.kernel->losses();
  const std::uint32_t poll_ms = options_.netlink.status_poll_ms;
  losses_.add(
      event::LossCause::kernel,
      "the kernel's queues were full, or its rate limit was met; enlarge "
      "kernel.backlog_limit",
      [&kernel] { return kernel.kernel.value(); }, poll_ms);
  losses_.add(
      event::LossCause::socket, "the receive buffer was full; enlarge kernel.receive_buffer",
      [&kernel] { return kernel.socket.value(); }, poll_ms);
  losses_.add(event::LossCause::decode, "datagrams that are no audit records",
              [&socket] { return socket.malformed.value(); });
}

// Events matter more than questions about them: without the socket sorreld runs all the same.
void Daemon::open_control_socket() {
  auto opened = open_control(options_.control, account_, reactor_);
  if (!opened) {
    log(Level::warning, "there is no control socket, so sorrelctl cannot ask this sorreld",
        {{"error", opened.error().to_string()}});
    return;
  }
  control_ = *std::move(opened);
  if (!control_) return;
  serve_status(*control_, [this] { return statistics(); });
  serve_ps();
}

void Daemon::serve_ps() {
  ps_table_.emplace(host_->knowledge());
  ps_.emplace(
      *ps_table_,
      PsThreads{.to_table =
                    [this](std::function<void()> work) {
                      return post([work = std::move(work)](Pipeline&) { work(); });
                    },
                .to_main = [this](std::function<void()> work) { reactor_.post(std::move(work)); }});
  control_->handle(
      "ps", [this](const control::Request& request, std::shared_ptr<control::Responder> responder) {
        std::shared_ptr<const host::UserDb> users;
        auto loaded = host::UserDb::load("/");
        if (loaded) users = std::make_shared<const host::UserDb>(*std::move(loaded));
        post([this, users](Pipeline&) { ps_table_->set_users(users); });
        ps_->answer(request, std::move(responder));
      });
}

// Also without rules in the configuration: a reload may bring some, and by then the privileges for
// a socket are gone.
Status Daemon::open_rules() {
  if (options_.input.kind != input::Kind::kernel) return Ok{};
  auto opened = RuleThread::open(clock_, [this](std::string body) {
    post([body = std::move(body)](Pipeline& pipeline) {
      pipeline.emit_own(record::type::kSorrelHealth, body);
    });
  });
  if (!opened) return Unexpected<Error>(std::move(opened).error());
  rules_ = *std::move(opened);
  pipeline_->on_config_change([this](const event::Event& event) {
    if (auto change = rule_change(event)) rules_->notice(*std::move(change));
  });
  return Ok{};
}

}  // namespace sorrel::agent
