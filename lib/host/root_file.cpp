#include "host/root_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace sorrel::host {
namespace {

// A FIFO of this name must not hold us.
constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
constexpr std::size_t kChunkBytes = 64 * 1024;

// Opens step by step, and follows no symbolic link. Returns an empty Fd with errno set.
Fd open_by_steps(Fd folder, const std::string& path, int last_flags) {
  std::size_t begin = path.find_first_not_of('/');
  while (begin != std::string::npos) {
    const std::size_t end = path.find('/', begin);
    const bool is_last = end == std::string::npos;
    const std::string name = path.substr(begin, is_last ? end : end - begin);
    if (name == "..") {
      errno = EXDEV;
      return Fd();
    }
    const int flags = (is_last ? last_flags : kFolderFlags) | O_NOFOLLOW;
    folder = Fd(::openat(folder.get(), name.c_str(), flags));
    if (!folder || is_last) return folder;
    begin = path.find_first_not_of('/', end);
  }
  errno = EISDIR;
  return Fd();
}

std::string join(const std::string& root, const std::string& path) {
  return root == "/" ? path : root + path;
}

}  // namespace

Fd open_in_root(const std::string& root, const std::string& path, int flags) {
  if (root == "/") return Fd(::open(path.c_str(), flags));
  Fd folder(::open(root.c_str(), kFolderFlags));
  if (!folder) return folder;
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof(how));
  // A seccomp filter that is older than the call answers EPERM.
  if (fd < 0 && (errno == ENOSYS || errno == EPERM))
    return open_by_steps(std::move(folder), path, flags);
  return Fd(static_cast<int>(fd));
}

Result<std::string> read_root_file(const std::string& root, const std::string& path,
                                   std::size_t max_bytes) {
  const Fd file = open_in_root(root, path, kReadFlags);
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    const int error = errno;  // before join() may change it
    return fail_errno(error, "cannot open " + join(root, path));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(std::errc::invalid_argument, join(root, path) + " is no regular file");
  }
  const auto too_large = [&] {
    return fail(std::errc::file_too_large,
                join(root, path) + " has more than " + std::to_string(max_bytes) + " bytes");
  };
  const auto size_hint = static_cast<std::size_t>(status.st_size);
  if (size_hint > max_bytes) return too_large();
  std::string text;
  // A hint only: files of /proc say 0, and a file may grow while it is read.
  text.reserve(size_hint + 1);
  for (;;) {
    const std::size_t size = text.size();
    const std::size_t room =
        std::min(std::max(text.capacity() - size, kChunkBytes), max_bytes + 1 - size);
    text.resize(size + room);
    const ssize_t count = ::read(file.get(), text.data() + size, room);
    const int error = errno;
    text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && error != EINTR) return fail_errno(error, "cannot read " + join(root, path));
    if (count == 0) return text;
    if (text.size() > max_bytes) return too_large();
  }
}

}  // namespace sorrel::host
