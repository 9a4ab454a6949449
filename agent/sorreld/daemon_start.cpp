// The first half of Daemon: from nothing to running threads. The order matters: what needs
// privileges comes before they are dropped, and they are dropped before there are threads, since
// capabilities belong to each thread for itself.

#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "pipeline/enrichment.h"
#include "sorreld/command_line.h"
#include "sorreld/daemon.h"
#include "sorreld/service_manager.h"

namespace sorrel::agent {
namespace {

// What an entry of the ring has beside the text.
constexpr std::size_t kEntryExtraBytes = 1'024;

std::size_t ring_bytes(const input::Options& options) {
  return std::max<std::size_t>(options.ring_bytes, 4 * (options.max_line_bytes + kEntryExtraBytes));
}

std::string kernel_release() {
  utsname names{};
  return ::uname(&names) == 0 ? names.release : "unknown";
}

const char* format_name(const OpenOutputs& outputs) {
  const bool is_raw = !outputs.empty() && outputs.front().options.format == buffer::Format::raw;
  return is_raw ? "raw" : "json";
}

}  // namespace

Daemon::Daemon(const DaemonSettings& settings, const config::Options& options, Signals& signals)
    : settings_(settings), options_(options), signals_(signals) {}

Status Daemon::start() {
  started_ns_ = clock_.monotonic_ns();
  if (const Status checked = check_privileges(); !checked) return checked;
  ids_ = read_host_ids("");
  node_ = resolve_node(options_.node);
  auto input = open_input(options_, clock_);
  if (!input && is_kernel(options_.input.kind)) start_failure_ = kExitNoAudit;
  if (!input) return Unexpected<Error>(std::move(input).error());
  input_ = *std::move(input);
  if (const Status opened = open_files(); !opened) return opened;
  open_host();
  if (const Status made = make_pipeline(); !made) return made;
  const auto change = register_with_kernel();
  if (!change) return Unexpected<Error>(change.error());
  // Now, since what begins from here on is told by events.
  if (state_file_) host_->restore(options_.state_dir, ids_.boot_id);
  host_->seed();
  open_control_socket();
  if (const Status opened = open_rules(); !opened) return opened;
  if (const Status dropped = drop_privileges(privileges_); !dropped) return dropped;
  tell_start(*change);
  start_threads();
  return Ok{};
}

Status Daemon::check_privileges() {
  if (options_.user) {
    auto account = find_account(*options_.user);
    if (!account) return Unexpected<Error>(std::move(account).error());
    account_ = *std::move(account);
  }
  privileges_ = plan_privileges(options_, current_credentials(), account_);
  if (!privileges_.become) account_.reset();
  if (!privileges_.note.empty()) log(Level::hint, "privileges", {{"what", privileges_.note}});
  if (privileges_.missing.empty()) return Ok{};
  const std::string missing = capability_names(privileges_.missing);
  if (privileges_.is_missing_essential) {
    start_failure_ = kExitNoAudit;
    return fail(std::errc::operation_not_permitted,
                "this input needs " + missing +
                    ": start sorreld as root, or with them (systemd: AmbientCapabilities=), or use "
                    "another input");
  }
  log(Level::warning,
      "capabilities are missing: heartbeats take CAP_AUDIT_WRITE, listening beside another daemon "
      "CAP_AUDIT_READ, looking at other users' processes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH",
      {{"missing", missing}});
  return Ok{};
}

Status Daemon::open_files() {
  auto outputs = open_outputs(options_.outputs, {}, account_, storage_, clock_);
  if (!outputs) return Unexpected<Error>(std::move(outputs).error());
  outputs_ = *std::move(outputs);
  auto shipping = open_shipping(options_, account_, node_);
  if (!shipping) return Unexpected<Error>(std::move(shipping).error());
  shipping_ = *std::move(shipping);
  if (outputs_.empty() && !shipping_) {
    log(Level::hint, "no output is configured: no event is kept");
  }
  if (!settings_.stats_path.empty()) {
    auto file = StatisticsFile::open(settings_.stats_path);
    if (!file) return Unexpected<Error>(std::move(file).error());
    stats_file_ = *std::move(file);
  }
  if (!input_.keeps_state) return Ok{};
  auto state = StateFile::open(options_.state_dir + "/state");
  if (!state) {
    // Events matter more than the report of what was missed.
    log(Level::warning, "what is lost until the next start will not be known",
        {{"error", state.error().to_string()}});
    return Ok{};
  }
  state_file_.emplace(*std::move(state));
  if (account_) {
    if (const Status given = state_file_->give_to(account_->uid, account_->gid); !given) {
      return given;
    }
  }
  state_writer_.emplace(*state_file_, ids_.boot_id);
  return Ok{};
}

Result<std::unique_ptr<Shipping>> Daemon::open_shipping(const config::Options& options,
                                                        const std::optional<Account>& account,
                                                        const std::string& node) {
  auto opened =
      Shipping::open(options, account, reactor_, clock_, node,
                     [this](const std::string& output, buffer::Format format,
                            const buffer::Gap& gap) { return gap_frame(output, format, gap); });
  // By way of the loop: the end of one change is no place to begin the next.
  if (opened && *opened) {
    (*opened)->on_settled([this] { reactor_.post([this] { reload_waiting(); }); });
  }
  return opened;
}

PipelineOptions Daemon::pipeline_options(const config::Options& options) const {
  PipelineOptions made;
  made.event = options.event;
  made.time_base = input_.time_base;
  made.encode = options.encode;
  made.node = node_;
  if (input_.is_of_this_host) {
    made.host_id = ids_.machine_id;
    made.boot_id = ids_.boot_id;
  }
  made.judge_holes = input_.judge_holes;
  constexpr std::uint64_t kNsPerMs = 1'000'000;
  made.hold.wait_ns = options.enrich.processes.wait_ms * kNsPerMs;
  return made;
}

// The users and processes of a log from elsewhere are not this host's, and those of a log from
// here are no longer there.
void Daemon::open_host() {
  host_.emplace(options_.enrich, clock_);
  if (!input_.is_of_this_host || input_.time_base != event::TimeBase::live) return;
  host_->open({.has_answers = [this] { channel_->reader().notify(); },
               .has_hash =
                   [this](const LateAnswer& result) {
                     return post([result](Pipeline& pipeline) { pipeline.emit_exe_hash(result); });
                   }});
}

Result<std::shared_ptr<Annotator>> Daemon::new_annotator(const config::Options& options) {
  auto made = make_annotator(options.enrich, input_.is_of_this_host ? "/" : "", host_->knowledge(),
                             host_->counters(), host_->live());
  if (!made) return Unexpected<Error>(std::move(made).error());
  return std::shared_ptr<Annotator>(*std::move(made));
}

Status Daemon::make_pipeline() {
  users_version_ = users_version("");
  auto annotator = new_annotator(options_);
  if (!annotator) return Unexpected<Error>(std::move(annotator).error());
  annotator_ = *std::move(annotator);
  pipeline_ = std::make_unique<Pipeline>(pipeline_options(options_), annotator_.get(),
                                         all_outputs(outputs_));
  if (input_.kernel) pipeline_->set_heartbeat_mark(input_.kernel->heartbeat_mark());
  if (state_file_ && state_file_->previous() && state_file_->previous()->boot_id == ids_.boot_id) {
    pipeline_->holes().continue_after(state_file_->previous()->last_serial,
                                      state_file_->previous()->time_ns);
  }
  auto channel = Channel::create(ring_bytes(options_.input));
  if (!channel) return Unexpected<Error>(std::move(channel).error());
  channel_ = *std::move(channel);
  intake_ = std::make_unique<Intake>(*input_.source, *channel_, clock_, input_.intake);
  return Ok{};
}

// From here on records wait in the socket's buffer until the intake runs.
Result<std::optional<netlink::RegistrationChange>> Daemon::register_with_kernel() {
  std::optional<netlink::RegistrationChange> change;
  if (!input_.kernel) return change;
  auto started = input_.kernel->start();
  if (!started) start_failure_ = kExitNoAudit;
  if (!started) return Unexpected<Error>(std::move(started).error());
  change = *std::move(started);
  const bool as_wanted = change->to == netlink::RegistrationState::registered ||
                         options_.input.kind == input::Kind::multicast;
  log(as_wanted ? Level::info : Level::warning, "reading the kernel's audit events",
      {{"mode", netlink::state_name(change->to)}, {"reason", change->reason}});
  if (as_wanted) change.reset();
  return change;
}

void Daemon::tell_start(const std::optional<netlink::RegistrationChange>& change) {
  self_ = describe_process("/proc", static_cast<std::uint32_t>(::getpid()), ::getuid());
  pipeline_->set_time(clock_.monotonic_ns(), clock_.realtime_ns());
  pipeline_->emit_own(record::type::kDaemonStart,
                      daemon_start(self_, SORREL_VERSION, format_name(outputs_), kernel_release()));
  if (change) pipeline_->emit_own(record::type::kSorrelHealth, health(*change));
  pipeline_->write_out();
}

void Daemon::start_threads() {
  watch_losses();
  rotations_.watch(outputs_);
  worker_ = std::make_unique<PipelineThread>(
      *pipeline_, *channel_, clock_, state_writer_ ? &*state_writer_ : nullptr,
      PipelineHooks{
          .tick = [this](Pipeline& pipeline, std::uint64_t now_ns) { tick(pipeline, now_ns); },
          .input_ended = [this] { reactor_.post([this] { end(false); }); },
          .sink_failed = [this] { reactor_.post([this] { end(true); }); }});
  if (input_.kernel) {
    input_.kernel->on_mode_change([this](const netlink::RegistrationChange& change) {
      post([body = health(change)](Pipeline& pipeline) {
        pipeline.emit_own(record::type::kSorrelHealth, body);
      });
    });
  }
  host_->start();
  pipeline_thread_ = std::thread([this] {
    ::prctl(PR_SET_NAME, "pipeline");
    worker_->run();
  });
  intake_thread_ = std::thread([this] {
    ::prctl(PR_SET_NAME, "intake");
    intake_->run();
  });
  if (shipping_) shipping_->start();
  if (control_) control_->start();
  if (rules_) rules_->start(options_.rules, options_.netlink.settings);
  notify_service_manager("READY=1");
}

}  // namespace sorrel::agent
