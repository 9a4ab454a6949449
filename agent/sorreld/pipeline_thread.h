#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "input/source.h"
#include "pipeline/pipeline.h"
#include "sorreld/channel.h"

namespace sorrel::agent {

// The thread that owns the pipeline: takes records from the ring, releases what is due, and carries
// out what other threads ask of the pipeline and its sinks, between two batches.
class PipelineThread {
 public:
  using Command = std::function<void(Pipeline&)>;

  // Called whenever all that was in the ring is out; returns the monotonic time at which it wants
  // to be called again, UINT64_MAX for "after the next records".
  using AfterDrain = std::function<std::uint64_t(Pipeline&)>;

  // All must outlive it.
  PipelineThread(Channel& channel, Pipeline& pipeline, const Clock& clock, AfterDrain after_drain);

  // The thread's function. Returns when the intake has closed the channel and everything that it
  // wrote is out, or when no sink delivers any more.
  void run();

  // Any thread: carried out by run(), in order. After its end: never.
  void post(Command command);

 private:
  bool take_batch();
  void carry_out_commands();
  void sleep(std::uint64_t wake_at_ns);

  Channel& channel_;
  Pipeline& pipeline_;
  const Clock& clock_;
  const AfterDrain after_drain_;
  input::Batch batch_;
  std::mutex mutex_;
  std::vector<Command> commands_;  // under the mutex
};

}  // namespace sorrel::agent
