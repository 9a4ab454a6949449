#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/counter.h"
#include "base/fd.h"
#include "buffer/frame.h"

namespace sorrel::sink {

struct DeadLetterCounters {
  Counter written;
  Counter dropped;  // the file is full, or cannot be written
};

// The line of a file of dead letters, with its end.
std::string dead_letter_line(std::string_view output, const buffer::FrameHeader& header,
                             std::string_view bytes, std::string_view reason);

// Frames that a collector refuses for good, in a file of at most a certain size: one JSON object a
// line, {"output","reason","event_uid","lane","sequence","time_ns","severity","format","frame"},
// with the frame's bytes as base64, so that they can be sent again as they were. Opened when the
// first one comes, and again when it was moved away; its folder must be there.
class DeadLetters {
 public:
  static constexpr std::uint64_t kMaxBytes = 16u << 20;

  DeadLetters(std::string output, std::string path, std::uint64_t max_bytes = kMaxBytes)
      : output_(std::move(output)), path_(std::move(path)), max_bytes_(max_bytes) {}

  void add(const buffer::FrameHeader& header, std::string_view bytes, std::string_view reason);
  const DeadLetterCounters& counters() const noexcept { return counters_; }
  const std::string& path() const noexcept { return path_; }

 private:
  bool write(std::string_view line);
  bool was_moved() const;

  const std::string output_;
  const std::string path_;
  const std::uint64_t max_bytes_;
  Fd file_;
  bool has_told_ = false;
  DeadLetterCounters counters_;
};

}  // namespace sorrel::sink
