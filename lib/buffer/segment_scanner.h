#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "buffer/segment_format.h"
#include "buffer/storage.h"

namespace sorrel::buffer {

// Goes through the blocks of a segment's file; what is no block, or a damaged header, is skipped
// and counted. Total over any bytes.
class SegmentScanner {
 public:
  struct Found {
    BlockHeader header;
    std::uint64_t payload_at = 0;  // offset in the file
    std::uint64_t end_at() const noexcept { return payload_at + header.stored_bytes; }
  };

  // Reads the first `bytes` bytes of the file. `fd` stays open as long as this is used.
  SegmentScanner(Storage& storage, int fd, std::uint64_t bytes)
      : storage_(&storage), fd_(fd), bytes_(bytes) {}

  // The next block, by its header. Nothing at the end.
  std::optional<Found> next();
  // The file may have grown.
  void set_bytes(std::uint64_t bytes) noexcept { bytes_ = bytes; }
  std::uint64_t offset() const noexcept { return offset_; }
  // Its payload as stored, not checked; false when it cannot be read whole.
  bool read_payload(const Found& found, std::string& payload);

  // What the last next() skipped, in bytes of the file; empty when nothing.
  struct Skipped {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool empty() const noexcept { return begin == end; }
  };
  Skipped skipped() const noexcept { return skipped_; }

  // The file could not be read at some place since this was asked last; what next() and
  // read_payload() said may be wrong then, and another try may say something else.
  bool has_error() const noexcept { return has_error_; }
  bool take_error() noexcept { return std::exchange(has_error_, false); }
  // Places where something was skipped to find the next header.
  std::uint64_t damaged_places() const noexcept { return damaged_places_; }

 private:
  std::int64_t read(std::span<char> into, std::uint64_t offset);
  std::optional<Found> find_block();
  bool find_next();

  Storage* storage_;
  int fd_;
  std::uint64_t bytes_;
  std::uint64_t offset_ = kSegmentHeaderBytes;
  std::uint64_t damaged_places_ = 0;
  Skipped skipped_;
  bool has_error_ = false;
};

}  // namespace sorrel::buffer
