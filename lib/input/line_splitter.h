#pragma once

#include <cstddef>
#include <cstdint>

#include "input/carry_buffer.h"
#include "input/source.h"
#include "record/line_parser.h"

namespace sorrel::input {

// A batch of this size (some 40 KiB of text) keeps the datagrams in the first-level cache.
inline constexpr std::size_t kMaxBatch = 256;

// Cuts auditd's text into lines and parses each as a datagram. Empty lines are skipped; every other
// byte stays, a carriage return before the newline too: the raw format gives lines back as they
// were.
class LineSplitter {
 public:
  // A line longer than `max_line_bytes` (at least 1; a carriage return does not count) is cut
  // there; its rest is skipped and counted.
  explicit LineSplitter(std::size_t max_line_bytes);

  // What the buffer given to split() may have to carry over.
  std::size_t max_carried_bytes() const noexcept { return max_line_bytes_ + 2; }

  // Appends the next lines of `buffer` until the batch holds kMaxBatch or no whole line is left.
  // `at_end`: nothing follows, so that a last line needs no newline.
  void split(CarryBuffer& buffer, Batch& batch, bool at_end);

  // Forgets the line it was in the middle of.
  void reset() noexcept;

  std::uint64_t cut_lines() const noexcept { return cut_lines_; }
  // What followed the cuts and was skipped.
  std::uint64_t cut_bytes() const noexcept { return cut_bytes_; }

 private:
  void add_line(std::string_view line, Batch& batch);
  std::size_t without_newline(std::string_view rest, Batch& batch, bool at_end);

  std::size_t max_line_bytes_;
  record::LineParser parser_;
  std::size_t searched_ = 0;  // bytes at the buffer's front that are known to hold no newline
  bool skipping_ = false;     // inside the rest of a line that was cut
  std::uint64_t cut_lines_ = 0;
  std::uint64_t cut_bytes_ = 0;
};

}  // namespace sorrel::input
