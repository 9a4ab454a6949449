#include "config/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/fd.h"
#include "base/log.h"
#include "config/tree.h"

namespace sorrel::config {
namespace {

Status check_file(const std::string& path, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail_errno(errno, path + ": cannot be examined");
  if (!S_ISREG(status.st_mode)) {
    return fail(std::errc::invalid_argument, path + ": is not a regular file");
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    return fail(std::errc::permission_denied,
                path +
                    ": every user of the host may write to this file, and so make sorreld write "
                    "to any path or stop the audit; run: chmod o-w " +
                    path);
  }
  const bool group_may_write = (status.st_mode & S_IWGRP) != 0 && status.st_gid != 0;
  const bool owned_by_other = status.st_uid != 0 && status.st_uid != ::geteuid();
  if (group_may_write || owned_by_other) {
    log(Level::warning, "others than root may change the configuration file",
        {{"path", path},
         {"owner", std::to_string(status.st_uid)},
         {"group", std::to_string(status.st_gid)}});
  }
  return Ok{};
}

Result<std::string> read_all(const std::string& path, int fd) {
  std::string text;
  // One byte more than is allowed, so that parse_tree() sees that there is too much.
  text.resize(kMaxFileBytes + 1);
  std::size_t used = 0;
  while (used < text.size()) {
    const ssize_t got = ::read(fd, text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, path + ": cannot be read");
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  text.resize(used);
  return text;
}

}  // namespace

Result<std::string> read_config_file(const std::string& path) {
  // Without O_NONBLOCK a FIFO in the place of the file would hold the daemon up.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) return fail_errno(errno, path + ": the configuration file cannot be opened");
  if (Status status = check_file(path, fd.get()); !status) {
    return Unexpected(std::move(status).error());
  }
  return read_all(path, fd.get());
}

}  // namespace sorrel::config
