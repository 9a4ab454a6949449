// The second half of Daemon: what happens while the threads run, and how they end.

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "sorreld/command_line.h"
#include "sorreld/daemon.h"
#include "sorreld/service_manager.h"

namespace sorrel::agent {
namespace {

constexpr std::uint32_t kDrainMs = 1'000;
constexpr std::uint32_t kMsPerSecond = 1'000;

}  // namespace

void Daemon::run() {
  reactor_.on_readable("signals", signals_.fd(), [this] { handle_signals(); });
  if (input_.kernel) reactor_.repeat("kernel", [this] { return run_kernel(); });
  if (input_.is_of_this_host) reactor_.repeat("users", [this] { return refresh_users(); });
  bool first = true;
  reactor_.repeat("statistics", [this, first]() mutable {
    return std::exchange(first, false) ? statistics_wait_ms() : tell_statistics();
  });
  reactor_.run();
}

void Daemon::handle_signals() {
  while (const std::optional<ReceivedSignal> signal = signals_.next()) {
    if (signal->number == SIGHUP) {
      reload(*signal);
    } else if (signal->number == SIGUSR1) {
      log_statistics(statistics());
    } else {
      log(Level::info, "ending as asked",
          {{"signal", signal->number == SIGINT ? "SIGINT" : "SIGTERM"},
           {"sender_pid", std::to_string(signal->pid)},
           {"sender_uid", std::to_string(signal->uid)}});
      ended_by_ = signal;
      return end(false);
    }
  }
}

void Daemon::end(bool failed) {
  has_failed_ = has_failed_ || failed;
  reactor_.stop();
}

std::uint32_t Daemon::run_kernel() {
  return input_.kernel->run_due();
}

std::uint32_t Daemon::statistics_wait_ms() const {
  // With 0 (never) it only looks, once an hour, whether a reload has changed that.
  constexpr std::uint32_t kHour = 3'600;
  const std::uint32_t seconds = options_.statistics_s == 0 ? kHour : options_.statistics_s;
  return seconds < Reactor::kNever / kMsPerSecond ? seconds * kMsPerSecond : Reactor::kNever - 1;
}

std::uint32_t Daemon::tell_statistics() {
  if (options_.statistics_s != 0) log_statistics(statistics());
  return statistics_wait_ms();
}

bool Daemon::post(PipelineThread::Command command) {
  return worker_->post(std::move(command));
}

void Daemon::tick(Pipeline& pipeline, std::uint64_t realtime_ns) {
  known_processes_.store(host_->knowledge().table.size(), std::memory_order_relaxed);
  losses_.look(realtime_ns,
               [&pipeline](const event::LossReport& loss) { pipeline.report_loss(loss); });
  for (const std::string& path : rotations_.look()) {
    pipeline.emit_own(record::type::kDaemonRotate, daemon_rotate(self_, path));
  }
}

std::vector<Output> Daemon::all_outputs(const OpenOutputs& files) const {
  std::vector<Output> outputs = pipeline_outputs(files);
  if (shipping_) shipping_->add_outputs(outputs);
  return outputs;
}

// By a pipeline of its own, since this is not the thread of the other.
std::string Daemon::gap_frame(const std::string& output, buffer::Format format,
                              const buffer::Gap& gap) {
  class TextSink final : public sink::Sink {
   public:
    sink::Answer write(const buffer::FrameBatch& batch) override {
      text += batch.bytes();
      return sink::Answer::acknowledged;
    }
    std::string text;
  };
  TextSink text;
  PipelineOptions made = pipeline_options(options_);
  made.boot_id += "/gap/" + output;  // its events have serials of their own
  Pipeline pipeline(made, nullptr, {{format, &text}});
  pipeline.set_time(clock_.monotonic_ns(), clock_.realtime_ns());
  pipeline.emit_own(
      record::type::kSorrelGap,
      "output=" + output + " lane=" + buffer::lane_name(buffer::lane_index(gap.lane)) +
          " first=" + std::to_string(gap.first) + " last=" + std::to_string(gap.last) +
          " count=" + std::to_string(gap.count()));
  pipeline.finish();
  return text.text;
}

Statistics Daemon::statistics() {
  Statistics now = read_statistics(*pipeline_, outputs_);
  if (shipping_) {
    now.shipped = shipping_->outputs();
    for (std::size_t lane = 0; lane < buffer::kLanes; ++lane) {
      now.lanes.push_back(shipping_->buffer().status(static_cast<buffer::Lane>(lane)));
    }
  }
  if (rules_ && rules_->keeper().is_kept()) {
    const RuleKeeper& keeper = rules_->keeper();
    now.rules = RuleStatistics{keeper.loaded(), keeper.pending(), keeper.in_sync()};
  }
  now.host = host_->statistics();
  const EnrichmentCounters& enrichment = host_->counters();
  now.processes = known_processes_.load(std::memory_order_relaxed);
  now.asked = enrichment.asked.value();
  now.not_asked = enrichment.skipped.value();
  now.redacted = enrichment.redacted.value();
  now.mode = input_.kernel ? netlink::state_name(input_.kernel->state()) : input_.mode;
  now.seconds = static_cast<double>(clock_.monotonic_ns() - started_ns_) / 1e9;
  return now;
}

bool Daemon::finish() {
  is_finishing_ = true;
  notify_service_manager("STOPPING=1");
  control_.reset();
  if (rules_) rules_->stop();
  const Actor sender = ended_by_ ? sender_of(*ended_by_) : self_;
  const std::string mode = statistics().mode;
  signals_.let_terminate();
  const auto drain = [this] {
    if (intake_->drain(kDrainMs)) return;
    log(Level::warning, "the input gives more than can be read before the end");
  };
  if (input_.kernel) {
    if (const Status stopped = input_.kernel->stop(drain); !stopped) {
      log(Level::warning, "the kernel may hold records for a daemon that has gone",
          {{"error", stopped.error().to_string()}});
    }
  } else if (input_.time_base == event::TimeBase::live) {
    drain();
  }
  intake_->stop();
  intake_thread_.join();
  if (!intake_->error().message.empty()) {
    log(Level::error, "the input failed", {{"error", intake_->error().to_string()}});
    has_failed_ = true;
  }
  worker_->finish();
  pipeline_thread_.join();
  save_last_serial(input_.kernel && input_.kernel->left_record());
  pipeline_->emit_own(record::type::kDaemonEnd, daemon_end(sender, !has_failed_));
  pipeline_->write_out();
  has_failed_ = has_failed_ || pipeline_->sink_failed();
  if (shipping_) shipping_->stop();
  Statistics last = statistics();
  last.mode = mode;
  log_statistics(last);
  // After all that must not be lost: the disk may be slow, and a look-up may hang.
  if (state_file_) host_->save(options_.state_dir, ids_.boot_id);
  host_->stop();
  if (!stats_file_) return !has_failed_;
  if (const Status written = stats_file_->write(last); !written) {
    log(Level::error, "the counters are not written", {{"error", written.error().to_string()}});
    has_failed_ = true;
  }
  return !has_failed_;
}

// The record of our own leave (CONFIG_CHANGE, audit_pid=0) has the next serial, and nobody is there
// to receive it: the next run must not call it lost.
void Daemon::save_last_serial(bool left_record) {
  if (!state_writer_) return;
  if (const std::optional<std::uint32_t> highest = pipeline_->holes().highest()) {
    state_writer_->update(*highest + (left_record ? 1u : 0u), clock_.realtime_ns(),
                          clock_.monotonic_ns());
  }
  state_writer_->flush();
}

Daemon::~Daemon() {
  // Only when finish() was not reached: something threw.
  if (rules_) rules_->stop();
  if (intake_thread_.joinable()) {
    intake_->stop();
    intake_thread_.join();
  }
  if (pipeline_thread_.joinable()) {
    worker_->finish();
    pipeline_thread_.join();
  }
  if (host_) host_->stop();
}

int run_daemon(const DaemonSettings& settings, const config::Options& options) {
  set_log_level(options.log_level);
  auto signals = Signals::block();
  if (!signals) {
    log(Level::error, "sorreld cannot start", {{"error", signals.error().to_string()}});
    return kExitFailed;
  }
  Daemon daemon(settings, options, *signals);
  if (const Status started = daemon.start(); !started) {
    log(Level::error, "sorreld cannot start", {{"error", started.error().to_string()}});
    return daemon.start_failure();
  }
  daemon.run();
  return daemon.finish() ? kExitOk : kExitFailed;
}

}  // namespace sorrel::agent
