#include "buffer/quota.h"

#include <algorithm>

namespace sorrel::buffer {

std::uint64_t bytes_over_quota(const Options& options, std::uint64_t used_bytes,
                               const Space& space) {
  std::uint64_t over = 0;
  const auto hold = [&](std::uint64_t limit_bytes) {
    if (used_bytes > limit_bytes) over = std::max(over, used_bytes - limit_bytes);
  };
  if (options.max_bytes != 0) hold(options.max_bytes);
  if (options.max_share_percent != 0) {
    hold(space.total_bytes / 100 * options.max_share_percent);
  }
  if (options.min_free_bytes > space.free_bytes) {
    over = std::max(over, std::min(used_bytes, options.min_free_bytes - space.free_bytes));
  }
  return over;
}

}  // namespace sorrel::buffer
