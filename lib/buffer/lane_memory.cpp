#include "buffer/lane_memory.h"

#include <algorithm>
#include <cstring>

namespace sorrel::buffer {

bool LaneMemory::append(std::span<const FrameHeader> frames, std::string_view bytes,
                        std::uint64_t now_ns) {
  const std::lock_guard lock(mutex_);
  bool must_look = false;
  while (!frames.empty()) {
    if (!is_open_) {
      open_block(frames.front().size_bytes, now_ns);
      must_look = true;
    }
    Block& block = *blocks_.back();
    const std::size_t room = limits_.block_bytes - block.bytes.size();
    std::size_t count = 0;
    std::size_t size = 0;
    while (count < frames.size() && size < room) size += frames[count++].size_bytes;
    add_frames(block, frames.first(count), bytes.substr(0, size));
    frames = frames.subspan(count);
    bytes.remove_prefix(size);
    if (size >= room) {
      is_open_ = false;
      closed_waiting_ns_ = std::min(closed_waiting_ns_, now_ns);
      must_look = true;
    }
  }
  forget_old();
  return must_look;
}

void LaneMemory::open_block(std::size_t first_bytes, std::uint64_t now_ns) {
  std::shared_ptr<Block> block = pool_->take();
  block->first = next_;
  // The last frame goes beyond the limit, by what is not known yet.
  const std::uint64_t wanted = limits_.block_bytes + limits_.block_bytes / 8 + first_bytes;
  block->bytes.reserve(std::min<std::uint64_t>(wanted, 1u << 20));
  blocks_.push_back(std::move(block));
  is_open_ = true;
  opened_ns_ = now_ns;
}

void LaneMemory::add_frames(Block& block, std::span<const FrameHeader> frames,
                            std::string_view bytes) {
  const std::size_t begin = block.frames.size();
  block.frames.insert(block.frames.end(), frames.begin(), frames.end());
  for (std::size_t i = begin; i < block.frames.size(); ++i) block.frames[i].sequence = next_++;
  block.bytes += bytes;
  bytes_ += bytes.size() + frames.size() * sizeof(FrameHeader);
}

void LaneMemory::forget_old() {
  while (bytes_ > limits_.kept_bytes && blocks_.size() > 1) {
    auto oldest = blocks_.begin();
    if ((*oldest)->end() > written_end_) {
      if (bytes_ <= limits_.max_bytes) break;
      // What is being written is not lost, and its readers still need it here.
      if ((*oldest)->end() == writing_end_) ++oldest;
      if (oldest + 1 == blocks_.end()) break;
      dropped_ += (*oldest)->frames.size();
    }
    bytes_ -= (*oldest)->bytes.size() + (*oldest)->frames.size() * sizeof(FrameHeader);
    blocks_.erase(oldest);
  }
  note_waiting();
}

// Nothing waits once all closed blocks are written, or forgotten.
void LaneMemory::note_waiting() {
  const std::size_t closed = blocks_.size() - (is_open_ ? 1 : 0);
  if (closed == 0 || blocks_[closed - 1]->end() <= written_end_) closed_waiting_ns_ = UINT64_MAX;
}

std::shared_ptr<const Block> LaneMemory::next_to_write(std::uint64_t now_ns,
                                                       std::uint64_t commit_ns) {
  const std::lock_guard lock(mutex_);
  writing_end_ = 0;
  const auto oldest = std::partition_point(
      blocks_.begin(), blocks_.end(),
      [&](const std::shared_ptr<Block>& block) { return block->end() <= written_end_; });
  if (oldest == blocks_.end()) return nullptr;
  if (is_open_ && oldest + 1 == blocks_.end()) {
    if (now_ns < opened_ns_ + commit_ns) return nullptr;
    is_open_ = false;
    // Should the disk not take it, it waits like any other.
    closed_waiting_ns_ = std::min(closed_waiting_ns_, opened_ns_);
  }
  writing_end_ = (*oldest)->end();
  return *oldest;
}

void LaneMemory::set_written(std::uint64_t end) {
  const std::lock_guard lock(mutex_);
  written_end_ = std::max(written_end_, end);
  if (writing_end_ <= written_end_) writing_end_ = 0;
  forget_old();
}

std::uint64_t LaneMemory::next_due_ns(std::uint64_t commit_ns) const {
  const std::lock_guard lock(mutex_);
  if (closed_waiting_ns_ != UINT64_MAX) return closed_waiting_ns_;
  if (is_open_) return opened_ns_ + commit_ns;
  return UINT64_MAX;
}

LaneMemory::Taken LaneMemory::take(std::uint64_t& sequence, std::uint64_t bits,
                                   std::size_t max_bytes, FrameBatch& out,
                                   std::uint64_t& first) const {
  const std::lock_guard lock(mutex_);
  if (sequence >= next_) return Taken::nothing;
  first = blocks_.empty() ? next_ : blocks_.front()->first;
  if (sequence < first) return Taken::older;
  auto block = std::partition_point(
      blocks_.begin(), blocks_.end(),
      [&](const std::shared_ptr<Block>& each) { return each->end() <= sequence; });
  if (sequence < (*block)->first) {
    // Forgotten, while an older block was being written.
    first = (*block)->first;
    return Taken::older;
  }
  for (; block != blocks_.end() && out.bytes().size() < max_bytes; ++block) {
    if (sequence < (*block)->first) break;
    copy_frames(**block, bits, max_bytes, sequence, out);
    if (sequence != (*block)->end()) break;  // the next one did not fit
  }
  return Taken::some;
}

std::uint64_t LaneMemory::end() const {
  const std::lock_guard lock(mutex_);
  return next_;
}

std::uint64_t LaneMemory::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::uint64_t LaneMemory::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void copy_frames(const Block& block, std::uint64_t bits, std::size_t max_bytes,
                 std::uint64_t& sequence, FrameBatch& out) {
  const auto begin = static_cast<std::size_t>(sequence - block.first);
  std::size_t offset = 0;
  for (std::size_t i = 0; i < begin; ++i) offset += block.frames[i].size_bytes;
  for (std::size_t i = begin; i < block.frames.size(); ++i) {
    const FrameHeader& frame = block.frames[i];
    if ((frame.outputs & bits) != 0) {
      const bool is_too_much = out.bytes().size() + frame.size_bytes > max_bytes;
      if (is_too_much && !out.empty()) return;
      std::memcpy(out.reserve(frame.size_bytes), block.bytes.data() + offset, frame.size_bytes);
      out.append_frame(frame);
    }
    offset += frame.size_bytes;
    sequence = frame.sequence + 1;
  }
}

}  // namespace sorrel::buffer
