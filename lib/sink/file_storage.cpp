#include "sink/file_storage.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/fd.h"
#include "sink/file_acl.h"

namespace sorrel::sink {
namespace {

constexpr std::uint32_t kFolderMode = 0750;

int negative_errno(int result) noexcept {
  return result < 0 ? -errno : result;
}

std::uint64_t to_ns(const statx_timestamp& stamp) noexcept {
  if (stamp.tv_sec < 0) return 0;
  return static_cast<std::uint64_t>(stamp.tv_sec) * 1'000'000'000 + stamp.tv_nsec;
}

int read_status(int folder, const char* path, int flags, FileStatus& status) {
  struct statx raw {};
  if (::statx(folder, path, flags, STATX_BASIC_STATS | STATX_BTIME, &raw) != 0) return -errno;
  status.device = std::uint64_t{raw.stx_dev_major} << 32 | raw.stx_dev_minor;
  status.inode = raw.stx_ino;
  status.size_bytes = raw.stx_size;
  status.modified_ns = to_ns(raw.stx_mtime);
  status.birth_ns = (raw.stx_mask & STATX_BTIME) != 0 ? to_ns(raw.stx_btime) : 0;
  status.links = raw.stx_nlink;
  status.mode = raw.stx_mode;
  return 0;
}

int set_owner(int fd, const Permissions& permissions) {
  if (!permissions.uid && !permissions.gid) return 0;
  struct stat now {};
  if (::fstat(fd, &now) != 0) return -errno;
  const uid_t uid = permissions.uid.value_or(now.st_uid);
  const gid_t gid = permissions.gid.value_or(now.st_gid);
  if (uid == now.st_uid && gid == now.st_gid) return 0;
  return negative_errno(::fchown(fd, uid, gid));
}

}  // namespace

int SystemStorage::open(const std::string& path, int flags, std::uint32_t mode) {
  return negative_errno(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
}

std::int64_t SystemStorage::write(int fd, std::span<const iovec> parts) {
  const ssize_t taken = parts.size() == 1
                            ? ::write(fd, parts[0].iov_base, parts[0].iov_len)
                            : ::writev(fd, parts.data(), static_cast<int>(parts.size()));
  return taken < 0 ? -errno : taken;
}

std::int64_t SystemStorage::read_at(int fd, std::span<char> into, std::uint64_t offset) {
  const ssize_t count = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
  return count < 0 ? -errno : count;
}

int SystemStorage::truncate(int fd, std::uint64_t size_bytes) {
  return negative_errno(::ftruncate(fd, static_cast<off_t>(size_bytes)));
}

int SystemStorage::sync_data(int fd) {
  return negative_errno(::fdatasync(fd));
}

int SystemStorage::wait_writable(int fd) {
  pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&waiting, 1, 1000) < 0 && errno != EINTR ? -errno : 0;
}

int SystemStorage::status(int fd, FileStatus& status) {
  return read_status(fd, "", AT_EMPTY_PATH, status);
}

int SystemStorage::status(const std::string& path, FileStatus& status) {
  return read_status(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, status);
}

int SystemStorage::set_permissions(int fd, const Permissions& permissions) {
  // The owner first: until the ACL is set, a new file is readable by nobody else.
  if (const int error = set_owner(fd, permissions); error != 0) return error;
  return set_file_acl(fd, permissions);
}

int SystemStorage::rename(const std::string& from, const std::string& to) {
  return negative_errno(::rename(from.c_str(), to.c_str()));
}

int SystemStorage::rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -errno;
  // This file system has no RENAME_NOREPLACE; what is left is to look first.
  if (::faccessat(AT_FDCWD, to.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return -EEXIST;
  return rename(from, to);
}

int SystemStorage::remove(const std::string& path) {
  return negative_errno(::unlink(path.c_str()));
}

int SystemStorage::make_folder(const std::string& path, const Permissions& permissions) {
  if (::mkdir(path.c_str(), kFolderMode) != 0) return -errno;
  const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder) return -errno;
  if (const int error = set_owner(folder.get(), permissions); error != 0) return error;
  return negative_errno(::fchmod(folder.get(), kFolderMode));  // whatever the umask is
}

}  // namespace sorrel::sink
