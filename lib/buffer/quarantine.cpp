#include "buffer/quarantine.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/log.h"

namespace sorrel::buffer {

void Quarantine::add(const SegmentName& segment, int fd, std::uint64_t begin, std::uint64_t end,
                     const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (seen_.size() < kMaxSeen && !seen_.emplace(segment, begin).second) return;
  counters_.places.add();
  const std::string name = segment_file_name(segment);
  const std::string path = folder_ + '/' + name + '.' + std::to_string(begin);
  const int error = make_ready() ? copy(fd, begin, end, path) : -EIO;
  std::string kept = path;
  if (error == -EDQUOT) kept = "no: " + folder_ + " is full";
  if (error < 0 && error != -EDQUOT) kept = "no: " + std::generic_category().message(-error);
  log(Level::warning, "a block of the buffer cannot be read, and is passed over",
      {{"segment", name},
       {"offset", std::to_string(begin)},
       {"bytes", std::to_string(end - begin)},
       {"error", why},
       {"kept", kept}});
}

// Made only when there is something to keep; what earlier runs left counts.
bool Quarantine::make_ready() {
  if (is_ready_) return true;
  if (storage_.make_folder(folder_) < 0) return false;
  std::vector<std::string> names;
  if (storage_.list(folder_, names) < 0) return false;
  used_bytes_ = 0;
  for (const std::string& name : names) {
    const StorageFile file(storage_, storage_.open(folder_ + '/' + name, Storage::Access::read));
    const std::int64_t size = file ? storage_.size(file.get()) : 0;
    used_bytes_ += static_cast<std::uint64_t>(std::max<std::int64_t>(size, 0));
  }
  is_ready_ = true;
  return true;
}

int Quarantine::copy(int fd, std::uint64_t begin, std::uint64_t end, const std::string& path) {
  constexpr std::uint64_t kWindowBytes = 256u << 10;
  if (end - begin > max_bytes_ - std::min(used_bytes_, max_bytes_)) return -EDQUOT;
  const int made = storage_.open(path, Storage::Access::create);
  if (made == -EEXIST) return 0;  // an earlier run has seen it
  if (made < 0) return made;
  const StorageFile file(storage_, made);
  std::string window(static_cast<std::size_t>(std::min(kWindowBytes, end - begin)), '\0');
  for (std::uint64_t at = begin; at < end;) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(window.size(), end - at));
    const std::int64_t got = read_all(storage_, fd, {window.data(), size}, at);
    // What a bad disk does not give is left out: the file ends there.
    if (got <= 0) break;
    const std::string_view bytes(window.data(), static_cast<std::size_t>(got));
    if (const int error = write_all(storage_, made, bytes, at - begin); error < 0) {
      storage_.remove(path);
      return error;
    }
    at += bytes.size();
    used_bytes_ += bytes.size();
  }
  counters_.kept.add();
  return 0;
}

}  // namespace sorrel::buffer
