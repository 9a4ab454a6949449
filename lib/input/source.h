#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "record/datagram.h"

namespace sorrel::input {

// Datagrams that one read gave, oldest first. Views into the source's buffers.
using Batch = std::vector<record::Datagram>;

enum class ReadState {
  more,   // something was read; ask again
  idle,   // nothing to read now: wait for wait_fd()
  ended,  // nothing will ever come again
};

// Where records come from: the kernel, a log file, a recording, a socket.
class Source {
 public:
  virtual ~Source() = default;

  // Replaces `batch` by the next records, without waiting. What `batch` held before becomes
  // invalid. The batch may hold records with every state. Errors: an input that cannot be read on.
  virtual Result<ReadState> read(Batch& batch) = 0;

  // Readable when read() has something; -1 when it always has (a file).
  virtual int wait_fd() const noexcept { return -1; }
};

}  // namespace sorrel::input
