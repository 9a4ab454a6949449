#pragma once

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include "sink/file_storage.h"

namespace sorrel::sink {

// The real file system, on which things fail when a test wants them to.
class FaultyStorage final : public Storage {
 public:
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

  // The disk: writes take at most this much, then fail with full_error; what is cut comes back.
  std::uint64_t space_bytes = kUnlimited;
  int full_error = ENOSPC;
  std::uint64_t max_write_bytes = kUnlimited;  // of one call
  std::deque<int> write_errors;                // of the next calls, in this order; 0: none
  // While not 0, the calls fail with it.
  int open_error = 0;
  int write_error = 0;
  int read_error = 0;
  int truncate_error = 0;
  int rename_error = 0;
  int sync_error = 0;
  int permission_error = 0;
  std::string rename_error_to;    // only of renames to this path
  std::string rename_error_from;  // only of renames from this path
  int stdout_fd = -1;             // takes the place of descriptor 1

  std::uint64_t write_calls = 0;
  std::uint64_t open_calls = 0;
  std::uint64_t sync_calls = 0;
  std::uint64_t waits = 0;
  std::uint64_t failed_undos = 0;  // of a rotation: the file in use is path.1 until the next tick
  std::size_t most_parts = 0;
  std::vector<std::string> renames;  // "from > to"
  std::uint32_t create_mode = 0;     // of the last file created
  std::uint32_t mode_at_rename = 0;  // of the last file put in place

  int open(const std::string& path, int flags, std::uint32_t mode) override {
    ++open_calls;
    if ((flags & O_CREAT) != 0) create_mode = mode;
    return open_error != 0 ? -open_error : system_.open(path, flags, mode);
  }

  std::int64_t write(int fd, std::span<const iovec> parts) override {
    ++write_calls;
    most_parts = std::max(most_parts, parts.size());
    if (write_error != 0) return -write_error;
    if (!write_errors.empty()) {
      const int error = write_errors.front();
      write_errors.pop_front();
      if (error != 0) return -error;
    }
    const std::uint64_t limit = std::min(space_bytes, max_write_bytes);
    if (limit == 0) return -full_error;
    const std::vector<iovec> taken = shorten(parts, limit);
    const std::int64_t count = system_.write(fd == 1 && stdout_fd >= 0 ? stdout_fd : fd, taken);
    if (count > 0 && space_bytes != kUnlimited) space_bytes -= static_cast<std::uint64_t>(count);
    return count;
  }

  std::int64_t read_at(int fd, std::span<char> into, std::uint64_t offset) override {
    return read_error != 0 ? -read_error : system_.read_at(fd, into, offset);
  }

  int truncate(int fd, std::uint64_t size_bytes) override {
    if (truncate_error != 0) return -truncate_error;
    FileStatus before;
    system_.status(fd, before);
    if (space_bytes != kUnlimited) space_bytes += before.size_bytes - size_bytes;
    return system_.truncate(fd, size_bytes);
  }

  int sync_data(int) override {
    ++sync_calls;
    return -sync_error;
  }
  int wait_writable(int fd) override {
    ++waits;
    return system_.wait_writable(fd == 1 && stdout_fd >= 0 ? stdout_fd : fd);
  }
  int status(int fd, FileStatus& status) override {
    const int error = system_.status(fd, status);
    if (hides_birth) status.birth_ns = 0;
    return error;
  }
  int status(const std::string& path, FileStatus& status) override {
    const int error = system_.status(path, status);
    if (hides_birth) status.birth_ns = 0;
    return error;
  }
  int set_permissions(int fd, const Permissions& permissions) override {
    return permission_error != 0 ? -permission_error : system_.set_permissions(fd, permissions);
  }
  int rename(const std::string& from, const std::string& to) override {
    if (fails(from, to)) return -rename_error;
    renames.push_back(from + " > " + to);
    return system_.rename(from, to);
  }
  int rename_new(const std::string& from, const std::string& to) override {
    if (fails(from, to)) {
      if (from.ends_with(".1")) ++failed_undos;
      return -rename_error;
    }
    FileStatus before;
    if (system_.status(from, before) == 0) mode_at_rename = before.mode & 07777;
    renames.push_back(from + " > " + to);
    return system_.rename_new(from, to);
  }
  int remove(const std::string& path) override { return system_.remove(path); }
  int make_folder(const std::string& path, const Permissions& permissions) override {
    return system_.make_folder(path, permissions);
  }

  bool hides_birth = false;  // as a file system that keeps no birth time

 private:
  bool fails(const std::string& from, const std::string& to) const {
    return rename_error != 0 && (rename_error_to.empty() || rename_error_to == to) &&
           (rename_error_from.empty() || rename_error_from == from);
  }

  static std::vector<iovec> shorten(std::span<const iovec> parts, std::uint64_t limit) {
    std::vector<iovec> taken;
    for (iovec part : parts) {
      if (limit == 0) break;
      part.iov_len = std::min<std::uint64_t>(part.iov_len, limit);
      limit -= part.iov_len;
      taken.push_back(part);
    }
    return taken;
  }

  SystemStorage system_;
};

}  // namespace sorrel::sink
