#include "sorreld/daemon.h"

#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "base/log.h"
#include "input/replay_source.h"
#include "input/unix_source.h"
#include "pipeline/enrichment.h"
#include "sorreld/command_line.h"
#include "sorreld/privileges.h"
#include "sorreld/service_manager.h"

namespace sorrel::agent {
namespace {

using std::chrono::milliseconds;

// How long a stop waits for what the kernel still holds.
constexpr std::uint32_t kDrainMs = 1'000;

std::string formats_of(const std::vector<config::OutputOptions>& outputs) {
  for (const config::OutputOptions& output : outputs)
    if (output.format == buffer::Format::json) return "json";
  return "raw";
}

}  // namespace

Daemon::Daemon(config::Options options, std::string config_path, std::string stats_file)
    : options_(std::move(options)),
      config_path_(std::move(config_path)),
      stats_file_(std::move(stats_file)) {}

Daemon::~Daemon() = default;

bool Daemon::is_kernel() const noexcept {
  return options_.input.kind == input::Kind::kernel ||
         options_.input.kind == input::Kind::multicast;
}

int Daemon::fail_start(const Error& error, int status) {
  std::fprintf(stderr, "sorreld: %s\n", error.to_string().c_str());
  return status;
}

int Daemon::run() {
  set_log_level(options_.log_level);
  started_ns_ = clock_.monotonic_ns();
  host_ = read_host_identity(options_.node, "");
  if (const Status opened = open_outputs(); !opened) return fail_start(opened.error(), kExitFailed);
  if (const Status opened = open_source(); !opened)
    return fail_start(opened.error(), is_kernel() ? kExitNoAudit : kExitFailed);
  if (const Status opened = open_channel(); !opened) return fail_start(opened.error(), kExitFailed);
  if (const Status opened = open_state(); !opened) return fail_start(opened.error(), kExitFailed);
  if (const Status dropped = drop_privileges(options_); !dropped)
    return fail_start(dropped.error(), kExitFailed);
  open_pipeline();
  make_reactor();
  start_threads();
  pipeline_thread_->post([body = daemon_start_body(host_.kernel, formats_of(options_.outputs))](
                             Pipeline& p) { p.emit_own(record::type::kDaemonStart, body); });
  if (kernel_) {
    if (const Status started = kernel_->start(); !started) {
      stop(false);
      return fail_start(started.error(), kExitNoAudit);
    }
  }
  notify_service_manager("READY=1");
  reactor_->run();
  notify_service_manager("STOPPING=1");
  stop(true);
  return intake_->error().message.empty() ? kExitOk : fail_start(intake_->error(), kExitFailed);
}

Status Daemon::open_outputs() {
  if (options_.outputs.empty())
    log(Level::hint, "the configuration has no outputs: events go nowhere",
        {{"remedy", "add one under outputs:"}});
  Result<std::unique_ptr<Outputs>> outputs = Outputs::open(options_.outputs, storage_, clock_);
  if (!outputs) return Unexpected<Error>(std::move(outputs).error());
  outputs_ = *std::move(outputs);
  Result<std::unique_ptr<Annotator>> annotator = make_annotator(options_.enrich, "/");
  if (!annotator) return Unexpected<Error>(std::move(annotator).error());
  annotator_ = *std::move(annotator);
  return Ok{};
}

Status Daemon::open_source() {
  if (is_kernel()) {
    KernelLinkEvents events;
    events.lost = [this](const event::LossReport& loss) {
      pipeline_thread_->post([loss](Pipeline& p) { p.report_loss(loss); });
    };
    events.changed = [this](const netlink::RegistrationChange& change) {
      log(Level::info, "audit input",
          {{"from", netlink::state_name(change.from)},
           {"to", netlink::state_name(change.to)},
           {"reason", change.reason}});
      std::string body = "op=input-mode from=" + std::string(netlink::state_name(change.from)) +
                         " to=" + netlink::state_name(change.to) +
                         " holder-pid=" + std::to_string(change.holder_pid);
      pipeline_thread_->post(
          [body](Pipeline& p) { p.emit_own(record::type::kSorrelHealth, body); });
    };
    const bool read_only = options_.input.kind == input::Kind::multicast;
    Result<std::unique_ptr<KernelLink>> link =
        KernelLink::open(options_.netlink, read_only, clock_, std::move(events));
    if (!link) return Unexpected<Error>(std::move(link).error());
    kernel_ = *std::move(link);
    return Ok{};
  }
  if (options_.input.kind == input::Kind::replay) {
    Result<std::unique_ptr<input::Source>> replay = input::open_replay(options_.input, clock_);
    if (!replay) return Unexpected<Error>(std::move(replay).error());
    source_ = *std::move(replay);
    return Ok{};
  }
  Result<std::unique_ptr<input::UnixSource>> socket = input::UnixSource::open(
      options_.input.paths.at(0), clock_, {.max_line_bytes = options_.input.max_line_bytes});
  if (!socket) return Unexpected<Error>(std::move(socket).error());
  source_ = *std::move(socket);
  return Ok{};
}

Status Daemon::open_channel() {
  Result<std::unique_ptr<Channel>> channel = Channel::create(options_.input.ring_bytes);
  if (!channel) return Unexpected<Error>(std::move(channel).error());
  channel_ = *std::move(channel);
  IntakeOptions intake;
  intake.error_ends = is_kernel();
  if (kernel_) {
    intake.must_drop = [this] { return kernel_->is_socket_filling(); };
    intake.queue_bytes = kernel_->socket_buffer_bytes();
  }
  input::Source& source = kernel_ ? kernel_->source() : *source_;
  intake_ = std::make_unique<Intake>(source, *channel_, clock_, std::move(intake));
  return Ok{};
}

void Daemon::open_pipeline() {
  PipelineOptions pipeline;
  pipeline.event = options_.event;
  pipeline.time_base =
      options_.input.kind == input::Kind::replay ? event::TimeBase::stored : event::TimeBase::live;
  pipeline.encode = options_.encode;
  pipeline.node = host_.node;
  pipeline.host_id = host_.machine_id;
  pipeline.boot_id = host_.boot_id;
  pipeline.judge_holes = is_kernel();
  pipeline_ = std::make_unique<Pipeline>(pipeline, annotator_.get(), outputs_->list());
  if (kernel_) pipeline_->set_heartbeat_mark(kernel_->heartbeat_mark());
  if (state_file_) {
    state_writer_.emplace(*state_file_, host_.boot_id);
    const std::optional<SavedState>& last = state_file_->previous();
    if (last && last->boot_id == host_.boot_id)
      pipeline_->holes().continue_after(last->last_serial, last->time_ns);
  }
  const auto save_serial = [this](Pipeline& p) {
    if (!state_writer_) return UINT64_MAX;
    return state_writer_->update(p.holes().highest(), clock_.realtime_ns(), clock_.monotonic_ns());
  };
  pipeline_thread_ = std::make_unique<PipelineThread>(*channel_, *pipeline_, clock_, save_serial);
}

// Opened as root, before that goes: the file belongs to who runs afterwards.
Status Daemon::open_state() {
  if (!is_kernel()) return Ok{};
  Result<StateFile> file = StateFile::open(options_.state_dir + "/state");
  if (!file) return Unexpected<Error>(std::move(file).error());
  state_file_.emplace(*std::move(file));
  if (!options_.user || ::geteuid() != 0) return Ok{};
  const passwd* const entry = ::getpwnam(options_.user->c_str());
  return entry == nullptr ? Status(Ok{}) : state_file_->give_to(entry->pw_uid, entry->pw_gid);
}

void Daemon::make_reactor() {
  ReactorHandlers handlers;
  handlers.terminate = [this] { reactor_->stop(); };
  handlers.reload = [this] { reload(); };
  handlers.every_second = [this] { every_second(); };
  handlers.every_period = [this] { log_statistics(statistics()); };
  handlers.poll = [this] {
    if (kernel_) kernel_->poll();
  };
  handlers.beat = [this] { return milliseconds{kernel_ ? kernel_->beat() : 0}; };
  ReactorPeriods periods;
  if (kernel_) periods.poll = milliseconds{options_.netlink.status_poll_ms};
  periods.period = std::chrono::seconds{options_.statistics_s};
  reactor_ = std::make_unique<Reactor>(std::move(handlers), periods);
}

void Daemon::start_threads() {
  intake_runner_ = std::thread([this] { intake_->run(); });
  pipeline_runner_ = std::thread([this] {
    pipeline_thread_->run();
    reactor_->stop();  // the input has ended, or no output delivers any more
  });
}

// Gives the registration back, takes in all that the kernel still had, and puts everything out.
void Daemon::stop(bool registered) {
  const std::optional<Actor> actor = signal_actor();
  const std::string last_mode = mode();
  const bool gives_pid_back =
      kernel_ && registered && kernel_->state() == netlink::RegistrationState::registered;
  if (kernel_ && registered) {
    kernel_->poll();
    kernel_->stop([this] { intake_->drain(kDrainMs); });
  }
  intake_->stop();
  intake_runner_.join();
  pipeline_runner_.join();
  // The pipeline is this thread's now.
  pipeline_->set_time(clock_.monotonic_ns(), clock_.realtime_ns());
  pipeline_->tick();
  pipeline_->finish();
  pipeline_->emit_own(record::type::kDaemonEnd, daemon_end_body(actor));
  pipeline_->write_out();
  save_last_serial(gives_pid_back);
  Statistics last = statistics();
  last.mode = last_mode;
  log_statistics(last);
  if (stats_file_.empty()) return;
  if (const Status written = write_statistics(stats_file_, last); !written)
    log(Level::warning, "statistics", {{"error", written.error().to_string()}});
}

// The record of our own leave (CONFIG_CHANGE, audit_pid=0) is the next serial, and nobody is there to
// receive it: the next run must not call it lost.
void Daemon::save_last_serial(bool gave_pid_back) {
  if (!state_writer_) return;
  const std::optional<std::uint32_t> highest = pipeline_->holes().highest();
  if (!highest) return;
  state_writer_->update(*highest + (gave_pid_back ? 1u : 0u), clock_.realtime_ns(),
                        clock_.monotonic_ns());
  state_writer_->flush();
}

}  // namespace sorrel::agent
