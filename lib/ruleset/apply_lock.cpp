#include "ruleset/apply_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

namespace sorrel::ruleset {
namespace {

constexpr std::chrono::milliseconds kStep{20};

// A file that root makes where sorreld runs as somebody else must be that one's, too.
void give_to_owner_of_folder(int fd, const std::string& folder) {
  struct stat status {};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &status) != 0) return;
  // Without it sorreld goes on without the lock, and says so.
  [[maybe_unused]] const int given = ::fchown(fd, status.st_uid, status.st_gid);
}

}  // namespace

Result<ApplyLock> ApplyLock::open(const std::string& path) {
  constexpr mode_t kFolderMode = 0755;
  constexpr mode_t kFileMode = 0600;
  const std::string folder = path.substr(0, path.rfind('/'));
  ::mkdir(folder.c_str(), kFolderMode);
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!fd) return fail_errno(errno, "cannot open " + path);
  give_to_owner_of_folder(fd.get(), folder);
  return ApplyLock(path, std::move(fd));
}

ApplyLock::Held::Held(Held&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

ApplyLock::Held::~Held() {
  if (fd_ >= 0) ::flock(fd_, LOCK_UN);
}

Result<ApplyLock::Held> ApplyLock::hold(const std::function<bool()>& is_cancelled,
                                        std::uint32_t wait_ms) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
  while (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno(errno, "cannot lock " + path_);
    if (is_cancelled && is_cancelled()) {
      return fail(std::errc::interrupted, "another program changes the rules");
    }
    if (std::chrono::steady_clock::now() >= end) {
      return fail(std::errc::resource_unavailable_try_again,
                  "another sorrelctl or sorreld has been changing the rules for " +
                      std::to_string(wait_ms / 1'000) + " s (it holds " + path_ + ")");
    }
    std::this_thread::sleep_for(kStep);
  }
  return Held(fd_.get());
}

}  // namespace sorrel::ruleset
