#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "pipeline/pipeline.h"
#include "sorreld/channel.h"
#include "sorreld/state_file.h"

namespace sorrel::agent {

// What the pipeline's thread tells the rest. All are called on that thread.
struct PipelineHooks {
  // About once a second, and once more at the end.
  std::function<void(Pipeline&, std::uint64_t realtime_ns)> tick;
  // All of an input that ends has been processed. Once.
  std::function<void()> input_ended;
  // An output will never take anything again. Once.
  std::function<void()> sink_failed;
};

// Runs the pipeline: takes batches from the ring, releases events in time, gives frames to the
// sinks, and sleeps when there is nothing to do. While run() runs, nothing else may touch the
// pipeline, its annotator or its sinks; post() is the way to them.
class PipelineThread {
 public:
  using Command = std::function<void(Pipeline&)>;
  static constexpr std::size_t kMaxCommands = 256;

  // All must outlive it. `state` may be null.
  PipelineThread(Pipeline& pipeline, Channel& channel, const Clock& clock, StateWriter* state,
                 PipelineHooks hooks);

  // The thread's function. Returns after finish(), when the channel is closed and empty, everything
  // in assembly has been released and all is written.
  void run();

  // Any thread: runs `command` on the pipeline's thread, soon. False: kMaxCommands are waiting,
  // because a sink is stuck; it was not taken.
  bool post(Command command);
  // Any thread: makes run() return once the channel is closed.
  void finish() noexcept;

 private:
  static constexpr std::size_t kBatch = 64;
  static constexpr int kBatchesARound = 256;
  static constexpr std::uint64_t kTickNs = 1'000'000'000;

  void take_time();
  bool process_batch();
  void run_commands();
  void tick_if_due();
  void sleep(bool saw_closed);

  Pipeline& pipeline_;
  Channel& channel_;
  const Clock& clock_;
  StateWriter* const state_;
  const PipelineHooks hooks_;
  input::Batch batch_;
  std::uint64_t now_ns_ = 0;       // monotonic
  std::uint64_t realtime_ns_ = 0;  // since the epoch
  std::uint64_t next_tick_ns_ = 0;
  std::uint64_t next_save_ns_ = UINT64_MAX;
  bool told_end_ = false;
  bool told_failure_ = false;

  std::atomic<bool> finish_{false};
  std::atomic<bool> has_commands_{false};
  std::mutex commands_mutex_;
  std::vector<Command> commands_;  // under the mutex
};

}  // namespace sorrel::agent
