#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "config/options.h"
#include "input/source.h"
#include "pipeline/pipeline.h"
#include "sink/file_storage.h"
#include "sorreld/channel.h"
#include "sorreld/host_identity.h"
#include "sorreld/intake.h"
#include "sorreld/kernel_link.h"
#include "sorreld/lifecycle.h"
#include "sorreld/outputs.h"
#include "sorreld/pipeline_thread.h"
#include "sorreld/reactor.h"
#include "sorreld/state_file.h"
#include "sorreld/statistics.h"

namespace sorrel::agent {

// One run of sorreld. Three threads: the intake reads records into the ring, the pipeline turns
// them into lines, and the caller's thread runs the reactor: signals, timers, and all talk with the
// kernel but the reading of records.
class Daemon {
 public:
  Daemon(config::Options options, std::string config_path, std::string stats_file);
  ~Daemon();

  // Opens everything, drops privileges, runs until the input ends or a signal says so, and stops
  // cleanly. Returns the exit status (command_line.h).
  int run();

 private:
  int fail_start(const Error& error, int status);
  Status open_outputs();
  Status open_source();
  Status open_channel();
  void open_pipeline();
  Status open_state();
  void make_reactor();
  void start_threads();
  void stop(bool registered);
  void save_last_serial(bool gave_pid_back);

  // Called by the reactor.
  void every_second();
  void reload();
  bool change_outputs(const config::Options& next);

  void report_intake_losses();
  Statistics statistics() const;
  std::optional<Actor> signal_actor();
  std::string mode() const;
  bool is_kernel() const noexcept;

  config::Options options_;
  const std::string config_path_;
  const std::string stats_file_;
  const SystemClock clock_;
  sink::SystemStorage storage_;
  HostIdentity host_;
  std::uint64_t started_ns_ = 0;

  std::optional<StateFile> state_file_;      // kernel and multicast input
  std::optional<StateWriter> state_writer_;  // used by the pipeline's thread
  std::unique_ptr<KernelLink> kernel_;       // kernel and multicast input
  std::unique_ptr<input::Source> source_;    // the others
  std::unique_ptr<Annotator> annotator_;
  std::unique_ptr<Outputs> outputs_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Channel> channel_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<PipelineThread> pipeline_thread_;
  std::thread intake_runner_;
  std::thread pipeline_runner_;
  std::unique_ptr<Reactor> reactor_;

  std::uint64_t reported_ring_ = 0;
  std::uint64_t reported_oversize_ = 0;
};

}  // namespace sorrel::agent
