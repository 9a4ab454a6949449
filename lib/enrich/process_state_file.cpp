#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/fd.h"
#include "enrich/process_state.h"

namespace sorrel::enrich {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

bool write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<std::string> read_own_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0)
    return fail_errno(errno, "process state " + path + ": cannot open it");
  if (!S_ISREG(status.st_mode) || (status.st_mode & 022) != 0 ||
      (status.st_uid != 0 && status.st_uid != ::geteuid()))
    return fail(std::errc::permission_denied,
                "process state " + path +
                    " is no file that only the daemon can write; it is not read, remove it");
  if (static_cast<std::uint64_t>(status.st_size) > ProcessState::kMaxFileBytes)
    return fail(std::errc::file_too_large, "process state " + path + " is too large; remove it");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = ::read(fd.get(), bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(errno, "process state " + path + ": cannot read it");
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

Status ProcessState::write(const std::string& path, std::string_view boot_id) const {
  const std::string bytes = to_bytes(boot_id);
  const std::string beside = path + ".tmp";
  ::unlink(beside.c_str());  // of a run that was killed
  const Fd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail_errno(errno, "process state " + beside + ": cannot create it");
  if (!write_all(fd.get(), bytes) || ::fsync(fd.get()) != 0 ||
      std::rename(beside.c_str(), path.c_str()) != 0) {
    const int saved_errno = errno;
    ::unlink(beside.c_str());
    return fail_errno(saved_errno, "process state " + path + ": cannot write it");
  }
  // Until the folder is on the disk too, a power cut may bring back the old file: no harm, but then
  // its boot is over anyway. So a failure here is none.
  const Fd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
  return Ok{};
}

Status ProcessState::restore(const std::string& path, std::string_view boot_id) {
  Result<std::string> bytes = read_own_file(path);
  if (!bytes) return Unexpected<Error>(bytes.error());
  Status status = from_bytes(*bytes, boot_id);
  if (!status) return fail(status.error().code, path + ": " + status.error().message);
  return Ok{};
}

}  // namespace sorrel::enrich
