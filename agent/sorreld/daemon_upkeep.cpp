// What the daemon does between start and stop: upkeep, statistics, reload.

#include <utility>

#include "base/log.h"
#include "config/load.h"
#include "pipeline/enrichment.h"
#include "sorreld/daemon.h"
#include "sorreld/service_manager.h"

namespace sorrel::agent {
void Daemon::every_second() {
  report_intake_losses();
  pipeline_thread_->post([](Pipeline& p) { p.tick(); });
}

void Daemon::report_intake_losses() {
  const auto report = [this](event::LossCause cause, std::uint64_t total, std::uint64_t& reported,
                             const char* detail) {
    if (total == reported) return;
    event::LossReport loss;
    loss.cause = cause;
    loss.count = total - std::exchange(reported, total);
    loss.until_ns = clock_.realtime_ns();
    loss.since_ns = loss.until_ns - 1'000'000'000;
    loss.detail = detail;
    pipeline_thread_->post([loss](Pipeline& p) { p.report_loss(loss); });
  };
  const IntakeCounters& counters = intake_->counters();
  report(event::LossCause::ring, counters.dropped.value(), reported_ring_,
         "the ring between intake and pipeline was full");
  report(event::LossCause::size, counters.oversize.value(), reported_oversize_,
         "records too large for the ring");
}

std::string Daemon::mode() const {
  if (kernel_) return netlink::state_name(kernel_->state());
  return options_.input.kind == input::Kind::replay ? "replay" : "unix";
}

Statistics Daemon::statistics() const {
  Statistics s;
  const event::AssemblerCounters& events = pipeline_->assembler_counters();
  const PipelineCounters& pipeline = pipeline_->counters();
  s.heartbeats = pipeline.heartbeats.value();
  s.events = events.events.value() - s.heartbeats;
  s.records = events.records.value();
  s.incomplete = events.timed_out.value() + events.evicted.value() + events.ended.value();
  s.unparsed = events.unparsed.value();
  s.bytes_out = pipeline.json_bytes.value() + pipeline.raw_bytes.value();
  for (std::size_t i = 0; i < s.lost.size(); ++i) s.lost[i] = pipeline.lost[i].value();
  s.mode = mode();
  s.seconds = static_cast<double>(clock_.monotonic_ns() - started_ns_) / 1e9;
  return s;
}

std::optional<Actor> Daemon::signal_actor() {
  if (!kernel_) return std::nullopt;
  const std::optional<netlink::SignalInfo> info = kernel_->signal_sender();
  if (!info) return std::nullopt;
  return Actor{info->uid, info->pid};
}

// Takes over what can change while running: outputs, json, enrich, log level, kernel settings.
// Whatever is wrong with the new configuration, the old one stays in force.
void Daemon::reload() {
  notify_service_manager("RELOADING=1");
  const std::optional<Actor> actor = signal_actor();
  const auto finish = [&](bool changed) {
    pipeline_thread_->post([body = daemon_config_body(actor, changed)](Pipeline& p) {
      p.emit_own(record::type::kDaemonConfig, body);
    });
    notify_service_manager("READY=1");
  };
  Result<config::Options> loaded = config::load_file(config_path_);
  if (!loaded) {
    log(Level::error, "the new configuration is wrong; the old one stays",
        {{"error", loaded.error().to_string()}});
    pipeline_thread_->post([](Pipeline& p) { p.reopen_sinks(); });
    return finish(false);
  }
  config::Options next = *std::move(loaded);
  if (next.input != options_.input || next.event != options_.event || next.user != options_.user ||
      next.state_dir != options_.state_dir)
    log(Level::warning, "input, events, user and state_dir change only with a restart");
  set_log_level(next.log_level);
  if (kernel_ && next.netlink.settings != options_.netlink.settings)
    kernel_->apply_settings(next.netlink.settings);
  const bool same_output = next.outputs == options_.outputs && next.encode == options_.encode &&
                           next.enrich == options_.enrich && next.node == options_.node;
  if (same_output) {
    pipeline_thread_->post([](Pipeline& p) { p.reopen_sinks(); });
  } else if (!change_outputs(next)) {
    return finish(false);
  }
  next.input = options_.input;
  next.event = options_.event;
  next.user = options_.user;
  next.state_dir = options_.state_dir;
  options_ = std::move(next);
  finish(true);
}

// False: an output could not be opened, and the old ones stay.
bool Daemon::change_outputs(const config::Options& next) {
  Result<std::unique_ptr<Outputs>> outputs = Outputs::open(next.outputs, storage_, clock_);
  Result<std::unique_ptr<Annotator>> annotator = make_annotator(next.enrich, "/");
  if (!outputs || !annotator) {
    const Error& error = outputs ? annotator.error() : outputs.error();
    log(Level::error, "the new outputs cannot be opened; the old ones stay",
        {{"error", error.to_string()}});
    return false;
  }
  PipelineOptions options;
  options.encode = next.encode;
  options.node = read_host_identity(next.node, "").node;
  // The old sinks and annotator live until the pipeline has changed over, on its thread.
  auto old = std::make_shared<std::pair<std::unique_ptr<Outputs>, std::unique_ptr<Annotator>>>(
      std::exchange(outputs_, *std::move(outputs)),
      std::exchange(annotator_, *std::move(annotator)));
  pipeline_thread_->post([options, old, list = outputs_->list(),
                          a = annotator_.get()](Pipeline& p) { p.reconfigure(options, a, list); });
  return true;
}

}  // namespace sorrel::agent
