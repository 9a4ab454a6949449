#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sorrel::sink {

// Who may read an output file. Ids, because they are resolved once, when the sink is created.
struct Permissions {
  std::uint32_t mode = 0600;         // permission bits
  std::optional<std::uint32_t> uid;  // unset: the file keeps the owner it was created with
  std::optional<std::uint32_t> gid;
  std::vector<std::uint32_t> read_users;  // POSIX ACL entries with r
  std::vector<std::uint32_t> read_groups;
};

// What statx(2) says of a file.
struct FileStatus {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t modified_ns = 0;  // since the epoch
  std::uint64_t birth_ns = 0;     // since the epoch; 0: this file system does not keep it
  std::uint32_t links = 0;        // 0: removed, and alive only through a descriptor
  std::uint32_t mode = 0;         // file type and permission bits, as st_mode

  bool is_same_file(const FileStatus& other) const noexcept {
    return device == other.device && inode == other.inode;
  }
};

// The file system as the file sink uses it: a seam, so that tests make disks fill up, fail and
// vanish. Every call returns 0 (or what its line says), or a negative errno, and is one system call
// or close to it. None follows a symbolic link in the last part of a path.
class Storage {
 public:
  virtual ~Storage() = default;

  // Returns a new descriptor. `flags` and `mode` as in open(2); O_CLOEXEC and O_NOFOLLOW are added.
  virtual int open(const std::string& path, int flags, std::uint32_t mode) = 0;
  // Appends the parts with one write(2) or writev(2); at most kMaxParts of them. Returns the bytes
  // taken, which may be fewer than given.
  virtual std::int64_t write(int fd, std::span<const iovec> parts) = 0;
  // Returns the bytes read; 0 at the end of the file.
  virtual std::int64_t read_at(int fd, std::span<char> into, std::uint64_t offset) = 0;
  virtual int truncate(int fd, std::uint64_t size_bytes) = 0;
  virtual int sync_data(int fd) = 0;
  // Waits until a write to `fd` may succeed, or fail for good; returns after at most one second.
  virtual int wait_writable(int fd) = 0;

  virtual int status(int fd, FileStatus& status) = 0;
  virtual int status(const std::string& path, FileStatus& status) = 0;
  // Gives the file exactly these permissions; what already fits is not touched. -ENOTSUP: the file
  // system has no ACLs, and read_users or read_groups need them.
  virtual int set_permissions(int fd, const Permissions& permissions) = 0;

  // Replaces `to` if it exists.
  virtual int rename(const std::string& from, const std::string& to) = 0;
  // Fails with -EEXIST if `to` exists.
  virtual int rename_new(const std::string& from, const std::string& to) = 0;
  virtual int remove(const std::string& path) = 0;
  // Makes one folder (not its parents) with rwxr-x--- and the owner and group of `permissions`.
  virtual int make_folder(const std::string& path, const Permissions& permissions) = 0;

  static constexpr std::size_t kMaxParts = 512;  // below IOV_MAX, which is 1024 on Linux
};

// The file system itself.
class SystemStorage final : public Storage {
 public:
  int open(const std::string& path, int flags, std::uint32_t mode) override;
  std::int64_t write(int fd, std::span<const iovec> parts) override;
  std::int64_t read_at(int fd, std::span<char> into, std::uint64_t offset) override;
  int truncate(int fd, std::uint64_t size_bytes) override;
  int sync_data(int fd) override;
  int wait_writable(int fd) override;
  int status(int fd, FileStatus& status) override;
  int status(const std::string& path, FileStatus& status) override;
  int set_permissions(int fd, const Permissions& permissions) override;
  int rename(const std::string& from, const std::string& to) override;
  int rename_new(const std::string& from, const std::string& to) override;
  int remove(const std::string& path) override;
  int make_folder(const std::string& path, const Permissions& permissions) override;
};

}  // namespace sorrel::sink
