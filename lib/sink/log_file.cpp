#include "sink/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace sorrel::sink {
namespace {

// Read access is for the last byte, and for saving what was written to a removed file. Without
// O_NONBLOCK a FIFO of this name would hold us until somebody reads it.
constexpr int kOpenFlags = O_RDWR | O_APPEND | O_NONBLOCK | O_NOCTTY;
constexpr int kMaxAttempts = 3;  // the file may appear and vanish under us, but not for ever

std::string describe_open_error(int error, const FileTarget& target) {
  const std::string what = "cannot open the output file " + target.path;
  switch (error) {
    case ELOOP:
      return what + ": it is a symbolic link, which is not followed; give the path it points to";
    case EISDIR:
      return what + ": it is a folder; give the path of a file in it";
    case ENOENT:
      return what + ": its folder " + target.folder +
             " and the folder above it do not exist; make them (only the last one is made for you)";
    case ENOTDIR:
      return what + ": a part of its path is no folder";
    case EACCES:
    case EPERM:
      return what + ": check the owner and the mode of it and of the folder " + target.folder;
    case EROFS:
      return what + ": give a path on a file system that can be written";
    default:
      return what;
  }
}

std::uint64_t find_birth_ns(Storage& storage, const FileTarget& target, const FileStatus& status) {
  if (status.birth_ns != 0) return status.birth_ns;
  FileStatus rotated;
  const bool known = storage.status(generation_path(target.path, 1), rotated) == 0 &&
                     rotated.modified_ns <= status.modified_ns;
  return known ? rotated.modified_ns : status.modified_ns;
}

// Adopts an existing file. `fd` is open.
Result<LogFile> take_existing(Storage& storage, const FileTarget& target, int fd) {
  LogFile file;
  file.fd = Fd(fd);
  if (const int error = storage.status(fd, file.status); error != 0) {
    return fail_errno(-error, "cannot read the status of the output file " + target.path);
  }
  if (!S_ISREG(file.status.mode)) {
    return fail(std::errc::invalid_argument,
                "the output file " + target.path +
                    " is no regular file; give the path of a file, or - for standard output");
  }
  file.permission_error = -storage.set_permissions(fd, target.permissions);
  file.size_bytes = file.status.size_bytes;
  file.birth_ns = find_birth_ns(storage, target, file.status);
  // A crash, a power cut or another writer may have left half a line.
  file.is_torn = !ends_in_line_break(storage, fd, file.size_bytes);
  return file;
}

// Puts a new file in place. Fails with errc::file_exists when somebody else was faster.
Result<LogFile> create_in_place(Storage& storage, const FileTarget& target) {
  Result<LogFile> file = make_temporary_file(storage, target);
  if (!file) return file;
  const int error = storage.rename_new(target.temporary_path, target.path);
  if (error == 0) return file;
  storage.remove(target.temporary_path);
  return fail_errno(-error, "cannot rename " + target.temporary_path + " to " + target.path);
}

Status make_folder(Storage& storage, const FileTarget& target) {
  const int error = storage.make_folder(target.folder, target.permissions);
  if (error == 0 || error == -EEXIST) return Ok{};
  if (error == -ENOENT) return fail_errno(ENOENT, describe_open_error(ENOENT, target));
  return fail_errno(-error, "cannot make the folder " + target.folder + " of the output file " +
                                target.path + " with its owner; make it, or run as root");
}

}  // namespace

bool ends_in_line_break(Storage& storage, int fd, std::uint64_t size_bytes) {
  char last = '\n';
  if (size_bytes != 0) storage.read_at(fd, {&last, 1}, size_bytes - 1);
  return last == '\n';
}

std::string generation_path(const std::string& path, std::uint32_t generation) {
  return path + "." + std::to_string(generation);
}

Result<LogFile> make_temporary_file(Storage& storage, const FileTarget& target) {
  storage.remove(target.temporary_path);  // of a run that was killed; O_EXCL judges the outcome
  const int fd = storage.open(target.temporary_path, kOpenFlags | O_CREAT | O_EXCL, 0600);
  if (fd < 0) {
    return fail_errno(-fd, fd == -ENOENT ? describe_open_error(ENOENT, target)
                                         : "cannot create " + target.temporary_path +
                                               "; check the owner and the mode of its folder");
  }
  LogFile file;
  file.fd = Fd(fd);
  file.permission_error = -storage.set_permissions(fd, target.permissions);
  if (const int error = storage.status(fd, file.status); error != 0) {
    storage.remove(target.temporary_path);
    return fail_errno(-error, "cannot read the status of " + target.temporary_path);
  }
  file.birth_ns = file.status.birth_ns != 0 ? file.status.birth_ns : file.status.modified_ns;
  return file;
}

Result<LogFile> open_log_file(Storage& storage, const FileTarget& target) {
  int error = 0;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const int fd = storage.open(target.path, kOpenFlags, 0);
    if (fd >= 0) return take_existing(storage, target, fd);
    error = -fd;
    if (error != ENOENT) break;
    FileStatus folder;
    if (storage.status(target.folder + "/.", folder) == -ENOENT) {
      if (Status made = make_folder(storage, target); !made) {
        return Unexpected<Error>(std::move(made).error());
      }
    }
    Result<LogFile> created = create_in_place(storage, target);
    if (created || created.error().code != std::errc::file_exists) return created;
    error = EEXIST;
  }
  return fail_errno(error, describe_open_error(error, target));
}

}  // namespace sorrel::sink
