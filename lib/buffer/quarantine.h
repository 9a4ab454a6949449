#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/counter.h"
#include "buffer/segment_format.h"
#include "buffer/storage.h"

namespace sorrel::buffer {

struct QuarantineCounters {
  Counter places;  // damaged ones, each counted once however many outputs come by
  Counter kept;    // of them, copied aside
};

// Copies of what could not be read in a lane's segments, in a folder of limited size: the segments
// go once the outputs have passed them, and somebody may still want to look. Any thread; blocks.
class Quarantine {
 public:
  // All copies of a lane together: room for one whole segment of the default size.
  static constexpr std::uint64_t kMaxBytes = 32u << 20;

  Quarantine(Storage& storage, std::string folder, std::uint64_t max_bytes = kMaxBytes)
      : storage_(storage), folder_(std::move(folder)), max_bytes_(max_bytes) {}

  // The bytes begin..end of the segment's file `fd` are damaged, `why` says how: counts, tells and
  // copies them, unless that was done before.
  void add(const SegmentName& segment, int fd, std::uint64_t begin, std::uint64_t end,
           const std::string& why);

  const QuarantineCounters& counters() const noexcept { return counters_; }

 private:
  // A disk that is damaged all over is not remembered place by place.
  static constexpr std::size_t kMaxSeen = 10'000;

  bool make_ready();
  // 0 or a negative errno; -EDQUOT when the folder has no room for it.
  int copy(int fd, std::uint64_t begin, std::uint64_t end, const std::string& path);

  Storage& storage_;
  const std::string folder_;
  const std::uint64_t max_bytes_;
  QuarantineCounters counters_;

  std::mutex mutex_;  // of what follows
  bool is_ready_ = false;
  std::uint64_t used_bytes_ = 0;
  std::set<std::pair<SegmentName, std::uint64_t>> seen_;
};

}  // namespace sorrel::buffer
