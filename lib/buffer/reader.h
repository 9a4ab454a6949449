#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "buffer/frame.h"
#include "buffer/gap.h"
#include "buffer/lane_log.h"
#include "buffer/lane_memory.h"
#include "buffer/log_reader.h"

namespace sorrel::buffer {

// One output's way through one lane: what it takes next, and up to where everything is answered. Of
// one thread, and never waits; only load(), which reads the disk, is for a thread that may, beside
// the others. acked() may be asked by any thread.
class Reader {
 public:
  // `acked`: as its cursor has it. Memory and log must outlive it.
  Reader(const LaneMemory& memory, const LaneLog& log, Lane lane, std::uint64_t bits,
         std::uint64_t acked);

  enum class Got : std::uint8_t {
    nothing,  // no frame is there that was not given
    frames,
    gap,
    behind,  // the next frame is on the disk: load(), set_loaded(), and again
  };
  // The next frames that the output wants, at most `max_bytes` but at least one, appended to `out`,
  // or the gap that comes first.
  Got read(std::size_t max_bytes, FrameBatch& out, Gap& gap);
  // Whether read() would have something, as far as memory tells: it never blocks.
  bool has_more() const { return next_ < memory_.end(); }
  // After Got::behind: the block for next(), null when the disk has none; or the disk failed, and
  // it must be asked again a while later. Blocks.
  LogReader::Loaded load(std::uint64_t sequence) { return log_reader_.read(sequence); }
  void set_loaded(std::uint64_t sequence, std::shared_ptr<const Block> block);

  // Frames first..last are answered, in any order. A gap is answered as a whole.
  void acknowledge(std::uint64_t first, std::uint64_t last);
  // Before anything was read, and before other threads know it: all frames below `next` are passed.
  void begin_at(std::uint64_t next);
  // What is not answered is given again.
  void rewind();

  // All frames up to it are answered, or were none of this output's.
  std::uint64_t acked() const noexcept { return acked_.load(std::memory_order_acquire); }
  std::uint64_t next() const noexcept { return next_; }

 private:
  Got read_block(std::uint64_t memory_first, std::size_t max_bytes, FrameBatch& out, Gap& gap);
  void acknowledge_skipped(std::uint64_t first, std::uint64_t end, const FrameBatch& out,
                           std::size_t frames_before);

  const LaneMemory& memory_;
  LogReader log_reader_;
  const Lane lane_;
  const std::uint64_t bits_;
  std::uint64_t next_;
  std::atomic<std::uint64_t> acked_;
  std::map<std::uint64_t, std::uint64_t> answered_;  // first -> last, beyond acked_
  std::shared_ptr<const Block> block_;               // read from the disk last
  std::uint64_t loaded_for_ = 0;                     // the sequence that it was read for
  std::uint64_t first_before_load_ = 0;              // the oldest frame that was in memory then
};

}  // namespace sorrel::buffer
