#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "buffer/frame.h"
#include "sink/file_storage.h"

namespace sorrel::sink {

// How far a batch came. Bytes are counted as they stand in the file, line prefixes included.
struct WriteOutcome {
  std::uint64_t bytes = 0;  // taken
  int error = 0;            // the errno that ended it; 0: all is written
};

// Where the frames of a batch end in a file.
struct FrameBoundary {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
};

// Writes the bytes of batches, each line behind the prefix if there is one. Allocates nothing.
class FrameWriter {
 public:
  // `storage` outlives the writer.
  FrameWriter(Storage& storage, std::string line_prefix)
      : storage_(storage), prefix_(std::move(line_prefix)) {}

  // Writes the whole batch: one write(2), or with a prefix one writev(2) for each 256 lines, and
  // more only where the file takes less than it was given. Waits without limit while a non-blocking
  // descriptor is full, as a blocking one would.
  WriteOutcome write(int fd, const buffer::FrameBatch& batch);
  // Writes bytes that are complete lines already.
  WriteOutcome write_bytes(int fd, std::string_view bytes);

  // The end of the last frame that lies wholly within the first `written_bytes` of the output.
  FrameBoundary boundary(const buffer::FrameBatch& batch, std::uint64_t written_bytes) const;
  // What the whole batch would be in the file.
  FrameBoundary extent(const buffer::FrameBatch& batch) const {
    return boundary(batch, ~std::uint64_t{0});
  }

 private:
  WriteOutcome write_prefixed(int fd, std::string_view lines);
  int put(int fd, std::span<iovec> parts, std::uint64_t& written_bytes);

  Storage& storage_;
  std::string prefix_;
  std::array<iovec, Storage::kMaxParts> parts_{};
};

}  // namespace sorrel::sink
