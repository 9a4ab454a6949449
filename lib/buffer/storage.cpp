#include "buffer/storage.h"

#include <algorithm>
#include <cerrno>

namespace sorrel::buffer {

int write_all(Storage& storage, int fd, std::string_view head, std::string_view tail,
              std::uint64_t offset) {
  while (!head.empty() || !tail.empty()) {
    const std::int64_t written = storage.write_at(fd, head, tail, offset);
    if (written == -EINTR) continue;
    if (written < 0) return static_cast<int>(written);
    if (written == 0) return -EIO;
    const auto done = static_cast<std::size_t>(written);
    const std::size_t of_head = std::min(done, head.size());
    head.remove_prefix(of_head);
    tail.remove_prefix(done - of_head);
    offset += done;
  }
  return 0;
}

std::int64_t read_all(Storage& storage, int fd, std::span<char> into, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::int64_t got = storage.read_at(fd, into.subspan(done), offset + done);
    if (got == -EINTR) continue;
    if (got < 0) return got;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<std::int64_t>(done);
}

}  // namespace sorrel::buffer
