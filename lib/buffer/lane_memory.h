#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "buffer/block.h"
#include "buffer/block_pool.h"
#include "buffer/frame.h"

namespace sorrel::buffer {

// The newest frames of a lane: one thread appends, another writes blocks to the disk, and readers
// that keep up take frames from here at once, before they are on disk.
class LaneMemory {
 public:
  struct Limits {
    std::uint64_t block_bytes = 256u << 10;  // a block is closed at this size
    std::uint64_t kept_bytes = 4u << 20;     // more is forgotten once it is on disk
    // ... and is forgotten in any case beyond this: the disk takes nothing.
    std::uint64_t max_bytes = 16u << 20;
  };

  LaneMemory(const Limits& limits, std::uint64_t first_sequence)
      : limits_(limits), next_(first_sequence), written_end_(first_sequence) {}

  // Appends frames that lie one after the other in `bytes`. What is true then: the writer has a
  // reason to look (the first frame that waits, or a full block).
  bool append(std::span<const FrameHeader> frames, std::string_view bytes, std::uint64_t now_ns);

  // The writer. The oldest block that is not on disk; the one that still grows only when it is due:
  // `now_ns` is commit_ns or more after its first frame. It counts as being written, and is not
  // forgotten, until set_written() or the next call.
  std::shared_ptr<const Block> next_to_write(std::uint64_t now_ns, std::uint64_t commit_ns);
  void set_written(std::uint64_t end);
  // When next_to_write() will have something; UINT64_MAX: nothing waits.
  std::uint64_t next_due_ns(std::uint64_t commit_ns) const;

  // Frames from `sequence` on, at most `max_bytes` (at least one), appended to `out`; only those
  // with one of `bits`. Moves `sequence` behind what was looked at.
  enum class Taken : std::uint8_t {
    some,     // frames, or only some that are not wanted
    nothing,  // there are none yet
    older,    // the frame at `sequence` is no longer here; `first` is the next that is
  };
  Taken take(std::uint64_t& sequence, std::uint64_t bits, std::size_t max_bytes, FrameBatch& out,
             std::uint64_t& first) const;

  std::uint64_t end() const;
  std::uint64_t bytes() const;
  // Frames that were forgotten before they were on disk.
  std::uint64_t dropped() const;

 private:
  void open_block(std::size_t first_bytes, std::uint64_t now_ns);
  void add_frames(Block& block, std::span<const FrameHeader> frames, std::string_view bytes);
  void forget_old();
  void note_waiting();

  const Limits limits_;
  const std::shared_ptr<BlockPool> pool_ = BlockPool::make();
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<Block>> blocks_;
  bool is_open_ = false;                          // the last block still grows
  std::uint64_t opened_ns_ = 0;                   // ... since
  std::uint64_t next_;                            // sequence
  std::uint64_t written_end_;                     // what is below is on disk
  std::uint64_t writing_end_ = 0;                 // end of the block that is being written
  std::uint64_t closed_waiting_ns_ = UINT64_MAX;  // since when a closed block has waited
  std::uint64_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

// Copies the frames of `block` from `sequence` on that have one of `bits`, until `max_bytes` of
// `out` are reached, and moves `sequence` behind what was looked at.
void copy_frames(const Block& block, std::uint64_t bits, std::size_t max_bytes,
                 std::uint64_t& sequence, FrameBatch& out);

}  // namespace sorrel::buffer
