#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/counter.h"

namespace sorrel::sink {

// Why frames were not written.
enum class DropReason : std::uint8_t {
  no_space,     // ENOSPC
  quota,        // EDQUOT
  too_large,    // EFBIG: the limit of the file system, or RLIMIT_FSIZE
  io_error,     // EIO
  read_only,    // EROFS
  no_file,      // the file or its folder is gone and cannot be made again
  broken_pipe,  // EPIPE: nobody reads standard output any more
  other,
};
constexpr std::size_t kDropReasons = static_cast<std::size_t>(DropReason::other) + 1;

// The word for metrics and logs.
constexpr std::string_view drop_reason_name(DropReason reason) noexcept {
  constexpr std::array<std::string_view, kDropReasons> kNames = {
      "no_space", "quota", "too_large", "io_error", "read_only", "no_file", "broken_pipe", "other"};
  return kNames[static_cast<std::size_t>(reason)];
}

struct FrameCounter {
  Counter frames;
  Counter bytes;

  void add(std::uint64_t frame_count, std::uint64_t byte_count) noexcept {
    frames.add(frame_count);
    bytes.add(byte_count);
  }
};

// What a file sink did, since it was created. Bytes are counted with the line prefix. Every frame
// given is counted once, in `written` or in `dropped`; readable from any thread.
struct FileStatistics {
  Counter batches;  // given, whatever became of them
  FrameCounter written;
  std::array<FrameCounter, kDropReasons> dropped;  // by DropReason
  // Of `written`: lost again, because someone removed the file before they could be saved from it.
  FrameCounter removed;

  Counter rotations;
  Counter rotation_failures;
  Counter sync_failures;        // fdatasync(2) at rotation
  Counter displacements;        // someone removed, renamed or replaced the file
  Counter truncations;          // someone cut the file
  Counter torn_lines;           // half lines that could only be ended, not removed
  Counter permission_failures;  // a new file did not get its owner, mode or ACL
  Counter reopen_failures;

  FrameCounter& drop(DropReason reason) noexcept {
    return dropped[static_cast<std::size_t>(reason)];
  }
  const FrameCounter& drop(DropReason reason) const noexcept {
    return dropped[static_cast<std::size_t>(reason)];
  }
  // The sum over the reasons.
  std::uint64_t dropped_frames() const noexcept {
    std::uint64_t sum = 0;
    for (const FrameCounter& counter : dropped) sum += counter.frames.value();
    return sum;
  }
};

}  // namespace sorrel::sink
