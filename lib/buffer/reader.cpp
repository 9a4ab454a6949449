#include "buffer/reader.h"

#include <algorithm>
#include <utility>

namespace sorrel::buffer {

Reader::Reader(const LaneMemory& memory, const LaneLog& log, Lane lane, std::uint64_t bits,
               std::uint64_t acked)
    : memory_(memory),
      log_reader_(log),
      lane_(lane),
      bits_(bits),
      next_(acked + 1),
      acked_(acked) {}

Reader::Got Reader::read(std::size_t max_bytes, FrameBatch& out, Gap& gap) {
  for (;;) {
    const std::uint64_t before = next_;
    const std::size_t frames_before = out.frames().size();
    std::uint64_t memory_first = 0;
    switch (memory_.take(next_, bits_, max_bytes, out, memory_first)) {
      case LaneMemory::Taken::nothing:
        return Got::nothing;
      case LaneMemory::Taken::some:
        block_.reset();
        acknowledge_skipped(before, next_, out, frames_before);
        if (out.frames().size() != frames_before) return Got::frames;
        break;  // all of them were another output's
      case LaneMemory::Taken::older:
        const Got got = read_block(memory_first, max_bytes, out, gap);
        if (got != Got::nothing) return got;
        break;
    }
  }
}

// Got::nothing: frames that were another output's were passed.
Reader::Got Reader::read_block(std::uint64_t memory_first, std::size_t max_bytes, FrameBatch& out,
                               Gap& gap) {
  const bool has_next = block_ && next_ >= block_->first && next_ < block_->end();
  if (!has_next && loaded_for_ != next_) {
    first_before_load_ = memory_first;
    return Got::behind;
  }
  if (!has_next) {
    // What had left the memory before the disk was read, and is not on it, is nowhere.
    const std::uint64_t end =
        block_ ? std::min(block_->first, first_before_load_) : first_before_load_;
    gap = {lane_, next_, end - 1};
    next_ = end;
    return Got::gap;
  }
  const std::uint64_t before = next_;
  const std::size_t frames_before = out.frames().size();
  copy_frames(*block_, bits_, max_bytes, next_, out);
  acknowledge_skipped(before, next_, out, frames_before);
  return out.frames().size() != frames_before ? Got::frames : Got::nothing;
}

void Reader::set_loaded(std::uint64_t sequence, std::shared_ptr<const Block> block) {
  loaded_for_ = sequence;
  block_ = std::move(block);
}

// Frames from `first` to before `end` that are not in `out` are none of this output's.
void Reader::acknowledge_skipped(std::uint64_t first, std::uint64_t end, const FrameBatch& out,
                                 std::size_t frames_before) {
  for (std::size_t i = frames_before; i < out.frames().size(); ++i) {
    const std::uint64_t given = out.frames()[i].sequence;
    if (given > first) acknowledge(first, given - 1);
    first = given + 1;
  }
  if (end > first) acknowledge(first, end - 1);
}

void Reader::acknowledge(std::uint64_t first, std::uint64_t last) {
  std::uint64_t acked = acked_.load(std::memory_order_relaxed);
  first = std::max(first, acked + 1);
  if (first > last) return;
  // Joined with its neighbours, so that the map has one entry a hole.
  auto at = answered_.upper_bound(first);
  if (at != answered_.begin() && std::prev(at)->second + 1 >= first) --at;
  while (at != answered_.end() && at->first <= last + 1) {
    first = std::min(first, at->first);
    last = std::max(last, at->second);
    at = answered_.erase(at);
  }
  if (first == acked + 1) {
    acked = last;
    acked_.store(acked, std::memory_order_release);
  } else {
    answered_.emplace(first, last);
  }
  // After rewind() frames that were answered late need not be given again.
  if (next_ <= acked) next_ = acked + 1;
}

void Reader::begin_at(std::uint64_t next) {
  next_ = next;
  acked_.store(next - 1, std::memory_order_release);
}

void Reader::rewind() {
  next_ = acked() + 1;
  block_.reset();
  loaded_for_ = 0;
}

}  // namespace sorrel::buffer
