#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/result.h"
#include "record/datagram.h"

namespace sorrel::input {

// Datagrams that one read gave, oldest first. Views into the source's buffers.
using Batch = std::vector<record::Datagram>;

enum class ReadState {
  more,   // something was read; ask again
  idle,   // nothing to read now: wait for wait_fd(), and at most until next_ready_ns()
  ended,  // nothing will ever come again
};

// Where records come from: the kernel, a log file, a recording, a socket.
class Source {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  virtual ~Source() = default;

  // Replaces `batch` by the next records, without waiting. What `batch` held before becomes
  // invalid. The batch may hold records with every state. Errors: an input that cannot be read on.
  virtual Result<ReadState> read(Batch& batch) = 0;

  // Readable when read() has something; -1 when it always has (a file), and when only the time of
  // next_ready_ns() counts.
  virtual int wait_fd() const noexcept { return -1; }

  // After an idle read(): when to ask again even if wait_fd() stays silent, in
  // Clock::monotonic_ns() time. For sources that wait for a time: a paced replay, a socket that is
  // to be reconnected.
  virtual std::uint64_t next_ready_ns() const noexcept { return kNever; }
};

}  // namespace sorrel::input
