#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "sink/file_statistics.h"

namespace sorrel::sink {

// The DropReason of an errno; ENOENT and the like, with which no file can be opened, are no_file.
DropReason drop_reason(int error) noexcept;

// A time in which a sink loses frames. Logs when it begins and when it ends, and nothing between.
class Outage {
 public:
  // `subject`: what cannot be written, for the log.
  explicit Outage(std::string subject) : subject_(std::move(subject)) {}

  // Something failed with the errno `error` at `now_ns` (monotonic), and `frames` were lost by it.
  void add_loss(int error, std::uint64_t frames, std::uint64_t bytes, std::uint64_t now_ns);
  // A batch was written whole.
  void end(std::uint64_t now_ns);

  bool is_active() const noexcept { return error_ != 0; }
  // Whether the descriptor may be the cause, so that the file is to be opened anew.
  bool needs_new_descriptor() const noexcept;

 private:
  std::string subject_;
  int error_ = 0;  // the last errno; 0: no outage
  std::uint64_t begin_ns_ = 0;
  std::uint64_t lost_frames_ = 0;
  std::uint64_t lost_bytes_ = 0;
};

}  // namespace sorrel::sink
