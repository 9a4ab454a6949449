#include "buffer/os_storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/fd.h"

namespace sorrel::buffer {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kParentMode = 0755;

int result(int returned) {
  return returned < 0 ? -errno : returned;
}

// The last folder only: those above it may be links, as /var/lib is on some hosts.
int check_folder(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return -errno;
  if (S_ISLNK(status.st_mode)) return -ELOOP;
  if (!S_ISDIR(status.st_mode)) return -ENOTDIR;
  if (status.st_uid != ::geteuid() && ::geteuid() != 0) return -EPERM;
  return 0;
}

// A name is durable once its folder is synced.
int sync_parent(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Fd folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // One that cannot be opened or synced is another's, and was there before.
  return folder && ::fsync(folder.get()) != 0 && errno == EIO ? -EIO : 0;
}

int make(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) return sync_parent(path);
  // Also then: whoever made it may have failed to sync its name.
  if (errno == EEXIST) return sync_parent(path);
  if (errno != ENOENT) return -errno;
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos || slash == 0) return -ENOENT;
  if (const int made = make(path.substr(0, slash), kParentMode); made != 0) return made;
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return -errno;
  return sync_parent(path);
}

}  // namespace

int OsStorage::make_folder(const std::string& path) {
  if (const int made = make(path, kFolderMode); made != 0) return made;
  return check_folder(path);
}

int OsStorage::open(const std::string& path, Access access) {
  constexpr int kAlways = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
  int flags = O_RDONLY;
  if (access != Access::read) flags = O_RDWR;
  if (access == Access::create) flags |= O_CREAT | O_EXCL;
  return result(::open(path.c_str(), flags | kAlways, kFileMode));
}

void OsStorage::close(int fd) {
  Fd closed(fd);
}

std::int64_t OsStorage::write_at(int fd, std::string_view head, std::string_view tail,
                                 std::uint64_t offset) {
  // pwritev() takes what it only reads by pointers to what may be written.
  const auto part = [](std::string_view bytes) {
    return iovec{const_cast<char*>(bytes.data()), bytes.size()};
  };
  const iovec parts[] = {part(head), part(tail)};
  const ssize_t written = ::pwritev(fd, parts, tail.empty() ? 1 : 2, static_cast<off_t>(offset));
  return written < 0 ? -errno : written;
}

std::int64_t OsStorage::read_at(int fd, std::span<char> into, std::uint64_t offset) {
  const ssize_t got = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
  return got < 0 ? -errno : got;
}

std::int64_t OsStorage::size(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) != 0 ? -errno : status.st_size;
}

int OsStorage::truncate(int fd, std::uint64_t size) {
  return result(::ftruncate(fd, static_cast<off_t>(size)));
}

int OsStorage::sync_data(int fd) {
  return result(::fdatasync(fd));
}

int OsStorage::sync_folder(const std::string& path) {
  const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder) return -errno;
  return result(::fsync(folder.get()));
}

int OsStorage::remove(const std::string& path) {
  return result(::unlink(path.c_str()));
}

int OsStorage::rename(const std::string& from, const std::string& to) {
  return result(::rename(from.c_str(), to.c_str()));
}

int OsStorage::list(const std::string& path, std::vector<std::string>& names) {
  names.clear();
  const auto close = [](DIR* folder) { ::closedir(folder); };
  const std::unique_ptr<DIR, decltype(close)> folder(::opendir(path.c_str()), close);
  if (!folder) return -errno;
  errno = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  return -errno;
}

int OsStorage::space(const std::string& path, Space& space) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) return -errno;
  space.total_bytes = std::uint64_t{status.f_blocks} * status.f_frsize;
  space.free_bytes = std::uint64_t{status.f_bavail} * status.f_frsize;
  return 0;
}

}  // namespace sorrel::buffer
