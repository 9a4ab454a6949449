#include "ruleset/path_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

namespace sorrel::ruleset {
namespace {

constexpr std::uint32_t kAppearances =
    IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

void drain(int fd) {
  alignas(inotify_event) std::array<char, 4'096> buffer;
  while (::read(fd, buffer.data(), buffer.size()) > 0) {
  }
}

}  // namespace

InotifyPathWatch::InotifyPathWatch(const HostPaths& paths)
    : probe_(paths), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

void InotifyPathWatch::wait_for(const std::vector<std::string>& paths) {
  paths_ = paths;
  watch_folders();
}

bool InotifyPathWatch::appeared() {
  if (inotify_.get() >= 0) drain(inotify_.get());
  // A folder nearer to a path may have come, or the watched one may have gone.
  watch_folders();
  return std::ranges::any_of(paths_, [this](const auto& path) { return probe_.exists(path); });
}

void InotifyPathWatch::watch_folders() {
  if (inotify_.get() < 0) return;
  std::vector<int> watches;
  std::set<std::string> folders;
  for (const std::string& path : paths_) {
    // Again when a nearer folder came between the look and the watch.
    for (std::string watched;;) {
      std::string folder = folder_of(path);
      while (folder != "/" && !probe_.exists(folder)) folder = folder_of(folder);
      if (folder == watched || folders.size() >= kMaxWatches) break;
      watched = folder;
      if (!folders.insert(folder).second) break;
      const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), kAppearances);
      if (watch >= 0) watches.push_back(watch);
    }
  }
  // The same folder has the same number, so what is still wanted stays.
  for (const int old : watches_) {
    if (std::ranges::find(watches, old) == watches.end()) {
      ::inotify_rm_watch(inotify_.get(), old);
    }
  }
  watches_ = std::move(watches);
}

}  // namespace sorrel::ruleset
