#include "sorreld/pipeline_thread.h"

#include <algorithm>
#include <utility>

#include "sorreld/ring_entry.h"

namespace sorrel::agent {

PipelineThread::PipelineThread(Pipeline& pipeline, Channel& channel, const Clock& clock,
                               StateWriter* state, PipelineHooks hooks)
    : pipeline_(pipeline),
      channel_(channel),
      clock_(clock),
      state_(state),
      hooks_(std::move(hooks)) {
  batch_.reserve(kBatch);
}

void PipelineThread::run() {
  for (;;) {
    // Looked at before the ring: what was written before the end is then seen.
    const bool closed = channel_.is_closed();
    take_time();
    int batches = 0;
    while (batches < kBatchesARound && process_batch()) ++batches;
    pipeline_.take_answers();
    run_commands();
    tick_if_due();
    pipeline_.release_due();
    pipeline_.write_out();
    if (state_ != nullptr) {
      next_save_ns_ = state_->update(pipeline_.holes().highest(), realtime_ns_, now_ns_);
    }
    if (pipeline_.sink_failed() && !std::exchange(told_failure_, true)) hooks_.sink_failed();
    if (batches == kBatchesARound) continue;
    if (closed && !std::exchange(told_end_, true)) hooks_.input_ended();
    if (closed && finish_.load()) break;
    sleep(closed);
  }
  take_time();
  pipeline_.finish();
  run_commands();
  pipeline_.tick();
  hooks_.tick(pipeline_, realtime_ns_);
  pipeline_.write_out();
}

void PipelineThread::take_time() {
  now_ns_ = clock_.monotonic_ns();
  realtime_ns_ = clock_.realtime_ns();
  pipeline_.set_time(now_ns_, realtime_ns_);
}

// The entries are used where they lie; their room is given back when the pipeline has copied what
// it keeps. False: the ring was empty.
bool PipelineThread::process_batch() {
  ByteRing& ring = channel_.ring();
  batch_.clear();
  while (batch_.size() < kBatch) {
    const std::span<const std::byte> entry = ring.front();
    if (entry.empty()) break;
    read_entry(entry, batch_.emplace_back());
    ring.pop();
  }
  if (!batch_.empty()) pipeline_.process(batch_);
  // Without a batch too: the ring may have been wound back to its beginning.
  channel_.release();
  if (batch_.empty()) return false;
  take_time();
  return true;
}

void PipelineThread::run_commands() {
  if (!has_commands_.load()) return;
  std::vector<Command> commands;
  {
    const std::lock_guard lock(commands_mutex_);
    commands.swap(commands_);
    has_commands_.store(false);
  }
  for (const Command& command : commands) command(pipeline_);
}

void PipelineThread::tick_if_due() {
  if (now_ns_ < next_tick_ns_) return;
  next_tick_ns_ = now_ns_ + kTickNs;
  pipeline_.tick();
  hooks_.tick(pipeline_, realtime_ns_);
}

void PipelineThread::sleep(bool saw_closed) {
  const std::uint64_t wake_ns =
      std::min({pipeline_.next_deadline_ns(), next_tick_ns_, next_save_ns_});
  const std::uint64_t now_ns = clock_.monotonic_ns();
  Wakeup& wakeup = channel_.reader();
  wakeup.prepare();
  const bool has_work = !channel_.ring().empty() || has_commands_.load() ||
                        pipeline_.has_answers() || channel_.is_closed() != saw_closed ||
                        (saw_closed && finish_.load());
  if (!has_work && wake_ns > now_ns) wakeup.wait(wake_ns - now_ns);
  wakeup.cancel();
}

bool PipelineThread::post(Command command) {
  {
    const std::lock_guard lock(commands_mutex_);
    if (commands_.size() >= kMaxCommands) return false;
    commands_.push_back(std::move(command));
    has_commands_.store(true);
  }
  channel_.reader().notify();
  return true;
}

void PipelineThread::finish() noexcept {
  finish_.store(true);
  channel_.reader().notify();
}

}  // namespace sorrel::agent
