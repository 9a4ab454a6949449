#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "input/byte_stream.h"
#include "input/source.h"

namespace sorrel::input {

// What a file held that did not become a whole datagram.
struct FileCounts {
  std::uint64_t cut_lines = 0;        // lines longer than ReadLimits::max_line_bytes
  std::uint64_t cut_bytes = 0;        // what of them was left out
  std::uint64_t skipped_records = 0;  // of a recording: acknowledgements and replies, no events

  FileCounts& operator+=(const FileCounts& other) noexcept {
    cut_lines += other.cut_lines;
    cut_bytes += other.cut_bytes;
    skipped_records += other.skipped_records;
    return *this;
  }
  friend bool operator==(const FileCounts&, const FileCounts&) = default;
};

struct ReadLimits {
  std::size_t chunk_bytes = kDefaultChunkBytes;  // of one read(2)
  std::size_t max_line_bytes = 65'536;           // input::Options::max_line_bytes
};

// A source that ends: a log file, a recording, a chain of them. What was readable is given before
// an error; an error of the file is final for that file.
class FileSource : public Source {
 public:
  virtual Progress progress() const noexcept = 0;
  virtual FileCounts counts() const noexcept = 0;
  // True for a recording, which has all that the kernel sent: a hole in the serials is a loss
  // there. A text log may have been filtered.
  virtual bool has_every_serial() const noexcept = 0;
};

}  // namespace sorrel::input
