#include "sorreld/pipeline_thread.h"

#include <algorithm>
#include <utility>

#include "sorreld/ring_entry.h"

namespace sorrel::agent {
namespace {

// Records taken from the ring before its room is given back: enough to pay for that, few enough
// that a burst does not find the ring full.
constexpr std::size_t kBatchRecords = 256;

}  // namespace

PipelineThread::PipelineThread(Channel& channel, Pipeline& pipeline, const Clock& clock,
                               AfterDrain after_drain)
    : channel_(channel), pipeline_(pipeline), clock_(clock), after_drain_(std::move(after_drain)) {
  batch_.reserve(kBatchRecords);
}

void PipelineThread::run() {
  for (;;) {
    pipeline_.set_time(clock_.monotonic_ns(), clock_.realtime_ns());
    carry_out_commands();
    // Asked before the ring is looked at: what was written before the end is then seen.
    const bool closed = channel_.is_closed();
    if (take_batch() && !pipeline_.sink_failed()) continue;
    pipeline_.release_due();
    pipeline_.write_out();
    const std::uint64_t wake_at_ns =
        std::min(pipeline_.next_deadline_ns(), after_drain_(pipeline_));
    if (closed || pipeline_.sink_failed()) break;
    sleep(wake_at_ns);
  }
  carry_out_commands();
}

// True when there was something in the ring.
bool PipelineThread::take_batch() {
  ByteRing& ring = channel_.ring();
  batch_.clear();
  while (batch_.size() < kBatchRecords) {
    const std::span<const std::byte> entry = ring.front();
    if (entry.empty()) break;
    batch_.push_back(read_entry(entry));
    ring.pop();
  }
  if (batch_.empty()) return false;
  pipeline_.process(batch_);
  channel_.release();
  return true;
}

void PipelineThread::carry_out_commands() {
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
  }
  for (const Command& command : commands) command(pipeline_);
}

void PipelineThread::sleep(std::uint64_t wake_at_ns) {
  Wakeup& wakeup = channel_.reader();
  wakeup.prepare();
  bool has_work = !channel_.ring().empty() || channel_.is_closed();
  if (!has_work) {
    const std::lock_guard lock(mutex_);
    has_work = !commands_.empty();
  }
  if (!has_work) {
    const std::uint64_t now_ns = clock_.monotonic_ns();
    std::uint64_t timeout_ns = Wakeup::kForEver;
    if (wake_at_ns != UINT64_MAX) timeout_ns = wake_at_ns > now_ns ? wake_at_ns - now_ns : 0;
    wakeup.wait(timeout_ns);
  }
  wakeup.cancel();
}

void PipelineThread::post(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
  }
  channel_.reader().notify();
}

}  // namespace sorrel::agent
