#pragma once

#include <cstdint>

#include "buffer/frame.h"

namespace sorrel::sink {

// What became of the frames given to a sink.
enum class Answer : std::uint8_t {
  acknowledged,  // delivered: the sender may forget it
  retry,         // not now: give it again later
  rejected,      // the receiver refuses this frame for good
  fatal,         // this sink will never deliver anything again
};

// Delivers frames. Offline and on the pipeline thread a sink is called synchronously with a batch.
class Sink {
 public:
  virtual ~Sink() = default;
  // Takes all frames of `batch`; the answer is for all of them. The batch stays the caller's.
  virtual Answer write(const buffer::FrameBatch& batch) = 0;
  // Called about once a second: rotation by age, recovery attempts.
  virtual void tick() {}
  // Closes and opens its files again (SIGHUP).
  virtual void reopen() {}
};

}  // namespace sorrel::sink
