#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/result.h"

namespace sorrel::control {

struct ListenSettings {
  std::string path;
  uid_t owner = 0;             // of the socket, and of its folder when that has to be made
  gid_t owner_group = 0;       // of a folder that has to be made
  std::optional<gid_t> group;  // of the socket, which it may then use; otherwise only the owner may
};

// A listening unix stream socket and its file. Removes the file when it goes, if it still is its
// own and its folder lets it.
class Listener {
 public:
  // Makes the socket, and the folder it is in (0755; not those above it). A file that a dead daemon
  // has left is replaced; nobody can connect before owner and mode are right.
  // Errors: address_in_use when somebody listens there (the message has the pid), file_exists when
  // the path is something other than a socket; what the kernel refuses.
  static Result<Listener> open(const ListenSettings& settings);

  Listener(Listener&& other) noexcept = default;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const noexcept { return fd_.get(); }
  const std::string& path() const noexcept { return path_; }

 private:
  Listener(Fd fd, std::string path, dev_t device, ino_t inode)
      : fd_(std::move(fd)), path_(std::move(path)), device_(device), inode_(inode) {}

  Fd fd_;
  std::string path_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace sorrel::control
