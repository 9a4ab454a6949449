#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "buffer/frame.h"

namespace sorrel::sink {

// Where a sink takes its frames from, and where it answers for each of them: one output's cursor
// over the buffer. All calls on the reactor's thread. The frames of a lane are given in order and
// without a hole; a gap (frames that a quota dropped) comes as a frame of its own, which stands for
// all of them.
class Feed {
 public:
  virtual ~Feed() = default;

  // Replaces `batch` by frames of one lane that have not been taken yet, at least one and at most
  // `max_bytes` (unless the first alone is larger). Waits until there are some. False: the output
  // is stopped and nothing will come any more, or interrupt(). Only one take() at a time.
  virtual boost::asio::awaitable<bool> take(std::size_t max_bytes, buffer::FrameBatch& batch) = 0;
  // A take() that is under way ends with false: whoever waits in it has something else to do. The
  // next one is as any.
  virtual void interrupt() = 0;
  // The receiver has all frames of `lane` from `first` to `last`. In any order; the cursor moves up
  // to the first that is not answered.
  virtual void acknowledge(buffer::Lane lane, std::uint64_t first, std::uint64_t last) = 0;
  // The receiver refuses this frame for good: it goes to the dead letters, with the reason, and is
  // answered by that.
  virtual void reject(const buffer::FrameHeader& header, std::string_view bytes,
                      std::string_view reason) = 0;
  // What was taken and not answered is given again, oldest first: after a connection was lost.
  virtual void rewind() = 0;
};

}  // namespace sorrel::sink
