#pragma once

#include <sys/stat.h>

#include <cstdint>

namespace sorrel::host {

// A file and its state: equal ids are the same bytes, unless somebody who may write the file sets
// its times back.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_seconds = 0;
  std::uint32_t mtime_nanoseconds = 0;

  friend bool operator==(const FileId&, const FileId&) = default;
};

inline FileId file_id(const struct stat& status) noexcept {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .mtime_seconds = status.st_mtim.tv_sec,
          .mtime_nanoseconds = static_cast<std::uint32_t>(status.st_mtim.tv_nsec)};
}

}  // namespace sorrel::host
