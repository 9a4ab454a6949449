#include "control/listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "control/access.h"

namespace sorrel::control {
namespace {

constexpr int kBacklog = 16;

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(std::errc::filename_too_long, path + ": the path of a socket has at most " +
                                                  std::to_string(sizeof address.sun_path - 1) +
                                                  " bytes");
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address);
}

// As systemd-tmpfiles would have made it.
Status make_folder(const ListenSettings& settings) {
  const std::string folder = settings.path.substr(0, settings.path.rfind('/'));
  if (folder.empty()) return Ok{};
  if (::mkdir(folder.c_str(), 0755) != 0) {
    if (errno == EEXIST) return Ok{};
    return fail_errno(errno, folder + ": the control socket's folder cannot be made");
  }
  const Fd made(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  // Not by the umask.
  if (!made || ::fchmod(made.get(), 0755) != 0) {
    return fail_errno(errno, folder + ": the mode of the control socket's folder cannot be set");
  }
  // Without it the socket's file stays behind, and is replaced by the next start.
  const bool is_own = settings.owner == ::geteuid();
  if (!is_own && ::fchown(made.get(), settings.owner, settings.owner_group) != 0) {
    return fail_errno(errno, folder + ": the control socket's folder cannot be given away");
  }
  return Ok{};
}

// Makes room for the socket: nothing is there, or what a dead daemon has left.
Status clear_path(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return Ok{};
    return fail_errno(errno, path + ": the control socket's path cannot be examined");
  }
  if (!S_ISSOCK(status.st_mode)) {
    return fail(std::errc::file_exists,
                path + ": is not a socket; remove it, or change the option control.socket");
  }
  // Not blocking: a holder whose queue is full says EAGAIN, and is alive.
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return fail_errno(errno, path + ": no socket can be made");
  const bool connected = ::connect(probe.get(), generic(address), sizeof address) == 0;
  if (connected || errno == EAGAIN) {
    const auto holder = peer_of(probe.get());
    const std::string who =
        connected && holder ? "process " + std::to_string(holder->pid) : "another process";
    return fail(std::errc::address_in_use, path + ": " + who +
                                               " already listens there, perhaps another sorreld; "
                                               "stop it, or change the option control.socket");
  }
  // EPROTOTYPE: alive too, and of another kind.
  if (errno != ECONNREFUSED) {
    return fail_errno(errno, path + ": the socket there is in use, or cannot be examined");
  }
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return Ok{};
  return fail_errno(errno, path + ": a socket left there cannot be removed");
}

// By a descriptor of the file itself, so that who owns the folder cannot have another one changed.
Result<struct stat> give_socket(const ListenSettings& settings) {
  const Fd file(::open(settings.path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISSOCK(status.st_mode)) {
    return fail_errno(errno, settings.path + ": was replaced by something else");
  }
  const gid_t group = settings.group.value_or(status.st_gid);
  if (settings.owner == status.st_uid && group == status.st_gid) return status;
  if (::fchownat(file.get(), "", settings.owner, group, AT_EMPTY_PATH) != 0) {
    return fail_errno(errno, settings.path +
                                 ": cannot be given to its user and group; only root "
                                 "may choose any, others a group that they are in");
  }
  return status;
}

}  // namespace

Result<Listener> Listener::open(const ListenSettings& settings) {
  const auto address = address_of(settings.path);
  if (!address) return Unexpected<Error>(address.error());
  if (const Status made = make_folder(settings); !made) return Unexpected<Error>(made.error());
  if (const Status clear = clear_path(settings.path, *address); !clear) {
    return Unexpected<Error>(clear.error());
  }
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno(errno, settings.path + ": no socket can be made");
  // On Linux a socket's file gets its mode from the socket (unix(7)), less the umask, which 0600
  // and 0660 may lose bits to: it is set aside. There are no other threads yet.
  const mode_t mode = settings.group ? 0660 : 0600;
  const mode_t before = ::umask(0);
  const bool is_bound = ::fchmod(fd.get(), mode) == 0 &&
                        ::bind(fd.get(), generic(*address), sizeof(sockaddr_un)) == 0;
  const int error = errno;
  ::umask(before);
  if (!is_bound) return fail_errno(error, settings.path + ": the control socket cannot be made");
  const auto status = give_socket(settings);
  // Only now can anybody connect.
  if (!status || ::listen(fd.get(), kBacklog) != 0) {
    const int refused = errno;
    ::unlink(settings.path.c_str());
    if (!status) return Unexpected<Error>(status.error());
    return fail_errno(refused, settings.path + ": cannot listen");
  }
  return Listener(std::move(fd), settings.path, status->st_dev, status->st_ino);
}

Listener::~Listener() {
  if (!fd_) return;
  struct stat status {};
  const bool is_own =
      ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
  // May fail once the privileges are dropped; the next start then replaces the file.
  if (is_own) ::unlink(path_.c_str());
}

}  // namespace sorrel::control
