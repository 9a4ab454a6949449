#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "config/options.h"
#include "control/server.h"
#include "pipeline/pipeline.h"
#include "sink/file_storage.h"
#include "sorreld/channel.h"
#include "sorreld/host_identity.h"
#include "sorreld/host_watch.h"
#include "sorreld/intake.h"
#include "sorreld/lifecycle.h"
#include "sorreld/loss_watch.h"
#include "sorreld/open_input.h"
#include "sorreld/outputs.h"
#include "sorreld/pipeline_thread.h"
#include "sorreld/privileges.h"
#include "sorreld/ps_service.h"
#include "sorreld/ps_table.h"
#include "sorreld/reactor.h"
#include "sorreld/rule_thread.h"
#include "sorreld/shipping.h"
#include "sorreld/signals.h"
#include "sorreld/state_file.h"
#include "sorreld/statistics.h"
#include "sorreld/users_version.h"

namespace sorrel::agent {

struct DaemonSettings {
  std::string config_path;  // read again on SIGHUP
  std::string stats_path;   // the counters at the end, as JSON; empty: no file
};

// One run of sorreld: start(), run(), finish(), in this order, on one thread. run_daemon() is the
// way to it.
class Daemon {
 public:
  Daemon(const DaemonSettings& settings, const config::Options& options, Signals& signals);
  ~Daemon();

  // Opens everything, registers, drops privileges, starts the threads. Errors: file_exists when
  // another audit daemon is registered and is not to be listened to beside.
  Status start();
  // The exit status after start() failed.
  int start_failure() const noexcept { return start_failure_; }
  // Until a signal, or the end of the input or of an output.
  void run();
  // Stops so that nothing is lost that reached us. False: something had failed.
  bool finish();

 private:
  // Steps of start().
  Status check_privileges();
  Status open_files();
  Result<std::unique_ptr<Shipping>> open_shipping(const config::Options& options,
                                                  const std::optional<Account>& account,
                                                  const std::string& node);
  void open_host();
  Status make_pipeline();
  Result<std::optional<netlink::RegistrationChange>> register_with_kernel();
  void open_control_socket();
  void serve_ps();
  Status open_rules();
  void start_threads();
  void watch_losses();
  void tell_start(const std::optional<netlink::RegistrationChange>& change);

  // What the reactor calls.
  void handle_signals();
  std::uint32_t run_kernel();
  std::uint32_t statistics_wait_ms() const;
  std::uint32_t tell_statistics();
  std::uint32_t refresh_users();
  void reload(const ReceivedSignal& signal);
  void reload_waiting();
  Status apply(const config::Options& wanted, const ReceivedSignal& signal);
  Status prepare_shipping(const config::Options& options, const std::string& node);

  // What the pipeline's thread calls.
  void tick(Pipeline& pipeline, std::uint64_t realtime_ns);

  PipelineOptions pipeline_options(const config::Options& options) const;
  // To files and to collectors.
  std::vector<Output> all_outputs(const OpenOutputs& files) const;
  std::string gap_frame(const std::string& output, buffer::Format format, const buffer::Gap& gap);
  Result<std::shared_ptr<Annotator>> new_annotator(const config::Options& options);
  bool post(PipelineThread::Command command);
  Actor sender_of(const ReceivedSignal& signal);
  Statistics statistics();
  void save_last_serial(bool left_record);
  void end(bool failed);

  const DaemonSettings settings_;
  config::Options options_;
  Signals& signals_;
  SystemClock clock_;
  sink::SystemStorage storage_;
  std::uint64_t started_ns_ = 0;  // monotonic
  HostIds ids_;
  std::string node_;
  std::optional<Account> account_;
  PrivilegePlan privileges_;
  OpenInput input_;
  OpenOutputs outputs_;
  std::optional<HostWatch> host_;
  std::shared_ptr<Annotator> annotator_;
  std::string users_version_;  // of the user database that the annotator has
  std::optional<StatisticsFile> stats_file_;
  std::optional<StateFile> state_file_;
  std::optional<StateWriter> state_writer_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Channel> channel_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<RuleThread> rules_;  // null: the input is not the kernel
  std::unique_ptr<PipelineThread> worker_;
  LossWatch losses_;                               // the pipeline thread's, once it runs
  std::atomic<std::uint64_t> known_processes_{0};  // for other threads, once a second
  RotationWatch rotations_;                        // likewise
  Actor self_;
  Reactor reactor_;
  std::unique_ptr<Shipping> shipping_;        // null: no output ships
  std::optional<PsTable> ps_table_;           // the pipeline thread's
  std::optional<PsService> ps_;               // outlives the pipeline's thread
  std::unique_ptr<control::Server> control_;  // may be null
  std::optional<ReceivedSignal> ended_by_;
  std::optional<ReceivedSignal> waiting_reload_;
  int start_failure_ = 1;
  bool has_failed_ = false;
  bool is_finishing_ = false;
  std::thread intake_thread_;
  std::thread pipeline_thread_;
};

// Runs sorreld until a signal ends it, or its input ends. Returns an exit status (command_line.h);
// everything that a person should know is logged. The threads: this one controls (signals, timers,
// the kernel's control socket), `intake` reads, `pipeline` does the rest.
int run_daemon(const DaemonSettings& settings, const config::Options& options);

}  // namespace sorrel::agent
