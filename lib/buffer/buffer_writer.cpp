// Buffer's thread: group commits, cursors, quotas.
#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "buffer/buffer.h"
#include "buffer/quota.h"

namespace sorrel::buffer {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr std::uint64_t kUpkeepNs = 1'000 * kNsPerMs;
constexpr std::uint64_t kNoteNs = 50 * kNsPerMs;
constexpr std::uint64_t kRetryNs = 1'000 * kNsPerMs;
constexpr std::uint64_t kTellAgainNs = 60'000 * kNsPerMs;
// Under a lazy policy the disk is not given more than this at once.
constexpr std::uint64_t kMaxUnsyncedBytes = 8u << 20;

}  // namespace

void Buffer::start() {
  thread_ = std::thread([this] {
    ::prctl(PR_SET_NAME, "buffer");
    run();
  });
}

void Buffer::run() {
  std::unique_lock lock(mutex_);
  while (!ends_) {
    must_look_ = false;
    lock.unlock();
    run_once();
    const std::uint64_t due_ns = next_due_ns();
    lock.lock();
    if (must_look_ || ends_) continue;
    const std::uint64_t now_ns = clock_.monotonic_ns();
    if (due_ns <= now_ns) continue;
    const auto is_asked = [this] { return must_look_ || ends_; };
    if (due_ns == UINT64_MAX) {
      wake_.wait(lock, is_asked);
    } else {
      wake_.wait_for(lock, std::chrono::nanoseconds(due_ns - now_ns), is_asked);
    }
  }
}

void Buffer::run_once() {
  const std::uint64_t now_ns = clock_.monotonic_ns();
  for (std::size_t lane = 0; lane < kLanes; ++lane) write_lane(lane, now_ns, false);
  for (std::size_t lane = 0; lane < kLanes; ++lane) sync_lane(lane, now_ns, false);
  if (now_ns < next_upkeep_ns_) {
    if (now_ns >= next_note_ns_) note_cursors();
    return;
  }
  next_upkeep_ns_ = now_ns + kUpkeepNs;
  save_cursors();
  keep_quotas();
}

std::uint64_t Buffer::next_due_ns() const {
  const std::lock_guard lock(outputs_mutex_);
  std::uint64_t due_ns = UINT64_MAX;
  for (std::size_t i = 0; i < kLanes; ++i) {
    const LaneState& lane = lanes_[i];
    const std::uint64_t commit_ns = options_.lanes[i].commit_ms * kNsPerMs;
    std::uint64_t lane_ns = lane.memory->next_due_ns(commit_ns);
    if (lane.log->has_unsynced()) {
      lane_ns = std::min(lane_ns, lane.last_sync_ns + options_.sync_interval_ms * kNsPerMs);
    }
    if (lane_ns != UINT64_MAX) lane_ns = std::max(lane_ns, lane.retry_ns);
    due_ns = std::min(due_ns, lane_ns);
    // Only while an output moves: an idle host has no timer.
    for (const auto& cursor : lane.cursors) {
      if (cursor && cursor->reader->acked() != cursor->saved)
        due_ns = std::min(due_ns, next_upkeep_ns_);
    }
  }
  // Acknowledgements do not wake the thread: frames that no one has answered for are looked at
  // again.
  for (const LaneState& lane : lanes_) {
    for (const auto& cursor : lane.cursors) {
      if (cursor && cursor->reader->acked() + 1 < lane.memory->end()) {
        due_ns = std::min(due_ns, next_upkeep_ns_);
      }
    }
  }
  return due_ns;
}

void Buffer::write_lane(std::size_t index, std::uint64_t now_ns, bool is_last) {
  LaneState& lane = lanes_[index];
  if (now_ns < lane.retry_ns && !is_last) return;
  if (is_full_.load(std::memory_order_relaxed)) keep_quotas();
  if (is_full_.load(std::memory_order_relaxed)) {
    lane.retry_ns = now_ns + kRetryNs;
    return;
  }
  const std::uint64_t commit_ns = is_last ? 0 : options_.lanes[index].commit_ms * kNsPerMs;
  while (auto block = lane.memory->next_to_write(now_ns, commit_ns)) {
    const std::uint64_t end = block->end();
    // A block that was forgotten and is older than what is written cannot come any more.
    if (block->first >= lane.log->end()) {
      Status written = lane.log->append(block);
      // There is no later at the end; another segment may do.
      if (!written && is_last) written = lane.log->append(std::move(block));
      if (!written) return report_error(lane, now_ns, written.error());
    }
    lane.memory->set_written(end);
    if (options_.lanes[index].sync == Sync::always &&
        lane.log->unsynced_bytes() >= kMaxUnsyncedBytes) {
      sync_lane(index, now_ns, is_last);
    }
  }
}

void Buffer::sync_lane(std::size_t index, std::uint64_t now_ns, bool is_last) {
  LaneState& lane = lanes_[index];
  if (lane.log->has_unsynced()) {
    const bool is_due = options_.lanes[index].sync == Sync::always || is_last ||
                        now_ns >= lane.last_sync_ns + options_.sync_interval_ms * kNsPerMs ||
                        lane.log->unsynced_bytes() >= kMaxUnsyncedBytes;
    if (!is_due || (now_ns < lane.retry_ns && !is_last)) return;
    lane.last_sync_ns = now_ns;
    if (const Status synced = lane.log->sync(); !synced) {
      report_error(lane, now_ns, synced.error());
      return;
    }
  }
  lane.durable_end.store(lane.log->durable_end(), std::memory_order_release);
}

void Buffer::report_error(LaneState& lane, std::uint64_t now_ns, const Error& error) {
  write_errors_.add();
  lane.retry_ns = now_ns + kRetryNs;
  if (told_error_ns_ != 0 && now_ns < told_error_ns_ + kTellAgainNs) return;
  told_error_ns_ = now_ns;
  log(Level::error,
      "the buffer cannot write; frames stay in memory and are still sent, but are not safe",
      {{"error", error.to_string()}});
}

// Cursors first, and durable: what an unlink takes away nobody may ask for again.
void Buffer::save_cursors() {
  // All the time: an output that begins with the oldest frame must not be between the two steps.
  const std::lock_guard lock(outputs_mutex_);
  for (std::size_t index = 0; index < kLanes; ++index) {
    LaneState& lane = lanes_[index];
    std::uint64_t least = UINT64_MAX;
    bool is_read = false;
    for (std::size_t i = 0; i < lane.cursors.size(); ++i) {
      if (!lane.cursors[i]) continue;
      is_read = true;
      Cursor& cursor = *lane.cursors[i];
      if (const Status saved = save_cursor(cursor); !saved) {
        report_error(lane, clock_.monotonic_ns(), saved.error());
      }
      if (outputs_[i].is_required) least = std::min(least, cursor.saved.value_or(0));
    }
    // Without any output the log stays as it is, as it would without us.
    if (!is_read) continue;
    lane.log->remove_before(least == UINT64_MAX ? lane.log->end() : least + 1);
  }
}

// Between two rounds of that, for a process that is killed: what was answered since is not sent
// again. Not ahead of the log, whose end would be told by a cursor then. Errors are
// save_cursors()'s to tell.
void Buffer::note_cursors() {
  next_note_ns_ = clock_.monotonic_ns() + kNoteNs;
  const std::lock_guard lock(outputs_mutex_);
  for (LaneState& lane : lanes_) {
    for (auto& cursor : lane.cursors) {
      if (!cursor) continue;
      const std::uint64_t acked = std::min(cursor->reader->acked(), lane.log->end() - 1);
      if (acked <= std::max(cursor->noted, cursor->saved.value_or(0))) continue;
      if (cursor->file.note(acked)) cursor->noted = acked;
    }
  }
}

Status Buffer::save_cursor(Cursor& cursor) {
  const std::uint64_t acked = cursor.reader->acked();
  if (acked == cursor.saved) return Ok{};
  Status saved = cursor.file.save(acked);
  if (saved) cursor.saved = acked;
  return saved;
}

void Buffer::keep_quotas() {
  Space space;
  if (storage_.space(options_.path, space) < 0) return;
  std::uint64_t used = 0;
  for (const LaneState& lane : lanes_) used += lane.log->bytes();
  // The oldest of the lowest lane first.
  for (std::size_t index = kLanes; index-- > 0;) {
    LaneLog& log = *lanes_[index].log;
    while (bytes_over_quota(options_, used, space) != 0) {
      const std::uint64_t before = log.bytes();
      if (!log.drop_oldest()) break;
      used -= before - log.bytes();
      space.free_bytes += before - log.bytes();
    }
  }
  const bool is_full = options_.min_free_bytes > space.free_bytes;
  if (is_full && !is_full_.load()) {
    log(Level::error, "the buffer's disk has too little room left; frames are kept in memory only",
        {{"free_bytes", std::to_string(space.free_bytes)}, {"path", options_.path}});
  }
  is_full_.store(is_full, std::memory_order_relaxed);
}

void Buffer::close() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  if (!std::exchange(is_open_, false)) return;
  const std::uint64_t now_ns = clock_.monotonic_ns();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    write_lane(lane, now_ns, true);
    sync_lane(lane, now_ns, true);
    const std::uint64_t left = lanes_[lane].memory->end() - lanes_[lane].log->durable_end();
    if (left == 0 || options_.lanes[lane].sync == Sync::never) continue;
    log(Level::error, "events end with this process: the buffer's disk did not take them",
        {{"lane", lane_name(lane)}, {"events", std::to_string(left)}});
  }
  save_cursors();
}

}  // namespace sorrel::buffer
