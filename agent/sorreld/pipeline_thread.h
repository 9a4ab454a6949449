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

  // All must outlive it.
  PipelineThread(Channel& channel, Pipeline& pipeline, const Clock& clock);

  // The thread's function. Returns when the intake has closed the channel and everything that it
  // wrote is out, or when no sink delivers any more.
  void run();

  // Any thread: carried out by run(), in order. After its end: never.
  void post(Command command);

 private:
  bool take_batch();
  void carry_out_commands();
  void sleep();

  Channel& channel_;
  Pipeline& pipeline_;
  const Clock& clock_;
  input::Batch batch_;
  std::mutex mutex_;
  std::vector<Command> commands_;  // under the mutex
};

}  // namespace sorrel::agent
