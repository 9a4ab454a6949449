#pragma once

#include <sys/stat.h>

#include <cstdint>

namespace sorrel::host {

// A file and its state: equal ids are the same bytes. The time of the last change (ctime) is there
// because a program may set the time of the last modification back, and not that one. What is
// written twice within one tick of the kernel's clock, 1 to 10 ms, looks the same.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_seconds = 0;
  std::int64_t ctime_seconds = 0;
  std::uint32_t mtime_nanoseconds = 0;
  std::uint32_t ctime_nanoseconds = 0;

  friend bool operator==(const FileId&, const FileId&) = default;
};

inline FileId file_id(const struct stat& status) noexcept {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .mtime_seconds = status.st_mtim.tv_sec,
          .ctime_seconds = status.st_ctim.tv_sec,
          .mtime_nanoseconds = static_cast<std::uint32_t>(status.st_mtim.tv_nsec),
          .ctime_nanoseconds = static_cast<std::uint32_t>(status.st_ctim.tv_nsec)};
}

}  // namespace sorrel::host
