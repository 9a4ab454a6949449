#include "input/file_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sorrel::input {

Result<std::unique_ptr<FileStream>> FileStream::open(const std::string& path) {
  if (path == "-") {
    Fd copy(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!copy) return fail_errno(errno, "standard input: it is not open; name a file instead");
    return std::make_unique<FileStream>(std::move(copy), "standard input");
  }
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) {
    const int saved_errno = errno;
    const char* advice = saved_errno == EACCES ? "; audit logs belong to root: run this as root"
                                               : "; check the path";
    return fail_errno(saved_errno, path + ": cannot open it" + advice);
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return fail(std::errc::is_a_directory, path + ": name the files in it, or a log's folder");
  }
  return std::make_unique<FileStream>(std::move(fd), path);
}

FileStream::FileStream(Fd fd, std::string name) : ByteStream(std::move(name)), fd_(std::move(fd)) {
  struct stat info {};
  if (::fstat(fd_.get(), &info) == 0 && S_ISREG(info.st_mode)) {
    progress_.bytes_total = static_cast<std::uint64_t>(info.st_size);
    // Only a hint: the kernel reads ahead twice as far.
    ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }
}

Result<std::size_t> FileStream::read_some(std::span<char> out) {
  while (true) {
    const ssize_t got = ::read(fd_.get(), out.data(), out.size());
    if (got >= 0) {
      progress_.bytes_read += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {  // Someone made the pipe that we were given non-blocking.
      pollfd waiting{fd_.get(), POLLIN, 0};
      ::poll(&waiting, 1, -1);
      continue;
    }
    return fail_errno(errno, name() + ": offset " + std::to_string(progress_.bytes_read) +
                                 ": cannot read on; check the disk and the file system");
  }
}

}  // namespace sorrel::input
