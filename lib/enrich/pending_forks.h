#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "enrich/process.h"

namespace sorrel::enrich {

// Forks whose child's number may be one of another pid namespace than that of pid= and ppid=. They
// wait here until the first event of a process with that number shows the right parent. A fork
// whose place another one needs is forgotten: counted.
class PendingForks {
 public:
  struct Fork {
    std::uint32_t child = 0;  // 0: an empty place
    ProcessLink parent;
    PackedId id;
  };

  explicit PendingForks(std::uint32_t max_forks = 512) : forks_(max_forks) {}

  // False: another fork was forgotten.
  bool add(const Fork& fork) {
    Fork& place = place_of(fork.child);
    const bool was_empty = place.child == 0 || place.child == fork.child;
    place = fork;
    return was_empty;
  }
  const Fork* find(std::uint32_t child) const {
    const Fork& place = forks_[child % forks_.size()];
    return child != 0 && place.child == child ? &place : nullptr;
  }
  void remove(std::uint32_t child) { place_of(child) = {}; }
  void clear() { forks_.assign(forks_.size(), {}); }
  std::size_t memory_bytes() const noexcept { return forks_.capacity() * sizeof(Fork); }

 private:
  Fork& place_of(std::uint32_t child) { return forks_[child % forks_.size()]; }

  std::vector<Fork> forks_;
};

}  // namespace sorrel::enrich
