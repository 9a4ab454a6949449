#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "base/byte_ring.h"
#include "base/result.h"
#include "sorreld/wakeup.h"

namespace sorrel::agent {

// The way from the intake thread to the pipeline thread: the ring, and how each wakes the other.
class Channel {
 public:
  static Result<std::unique_ptr<Channel>> create(std::size_t ring_bytes);

  ByteRing& ring() noexcept { return ring_; }

  // The pipeline sleeps on this one: it is rung for records, for commands, and for the end.
  Wakeup& reader() noexcept { return reader_; }
  // The intake sleeps on this one: it is rung for room, to drain, and to stop.
  Wakeup& writer() noexcept { return writer_; }

  // Intake: it waits for the ring to empty (true), or no longer does.
  void want_room(bool wants) noexcept { wants_room_.store(wants); }
  // Pipeline: gives the room of what it has read back, and lets a waiting intake know once that is
  // worth a wake-up.
  void release() noexcept {
    ring_.release();
    if (wants_room_.load() && ring_.used_bytes() <= ring_.capacity_bytes() / 2) writer_.notify();
  }

  // Intake: nothing will be written any more.
  void close() noexcept {
    closed_.store(true);
    reader_.notify();
  }
  // Pipeline: when this is true and the ring is found empty after that, all has been read.
  bool is_closed() const noexcept { return closed_.load(); }

 private:
  Channel(std::size_t ring_bytes, Wakeup reader, Wakeup writer)
      : ring_(ring_bytes), reader_(std::move(reader)), writer_(std::move(writer)) {}

  ByteRing ring_;
  Wakeup reader_;
  Wakeup writer_;
  std::atomic<bool> wants_room_{false};
  std::atomic<bool> closed_{false};
};

}  // namespace sorrel::agent
