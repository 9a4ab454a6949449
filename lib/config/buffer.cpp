#include "config/scalar.h"
#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kTiB = kMiB * kMiB;

Scalar sync(buffer::Sync& target) {
  return choice(target, Words<buffer::Sync>{{"always", buffer::Sync::always},
                                            {"interval", buffer::Sync::interval},
                                            {"never", buffer::Sync::never}});
}

}  // namespace

Value buffer_table(buffer::Options& o) {
  const auto lane = [&o](buffer::Lane which) -> buffer::LaneOptions& {
    return o.lanes[buffer::lane_index(which)];
  };
  return section({
      {"path", text_if_any(o.path, kDirectory)},
      {"segment", bytes(o.segment_bytes, 1 * kMiB, 64 * kMiB)},
      {"max_size", bytes(o.max_bytes, 8 * kMiB, kTiB, "no limit")},
      {"max_share", number(o.max_share_percent, 1, 100)},
      {"min_free", bytes(o.min_free_bytes, 1, kTiB, "none")},
      {"memory", bytes(o.memory_bytes, 1 * kMiB, 256 * kMiB)},
      {"compression", number(o.compression, 0, 3)},
      {"key_file", text_if_any(o.key_file, kFilePath)},
      {"sync_first", sync(lane(buffer::Lane::first).sync)},
      {"sync_security", sync(lane(buffer::Lane::security).sync)},
      {"sync_bulk", sync(lane(buffer::Lane::bulk).sync)},
      {"sync_interval", milliseconds(o.sync_interval_ms, 10, 60'000)},
      {"commit_first", milliseconds(lane(buffer::Lane::first).commit_ms, 1, 10'000)},
      {"commit_security", milliseconds(lane(buffer::Lane::security).commit_ms, 1, 10'000)},
      {"commit_bulk", milliseconds(lane(buffer::Lane::bulk).commit_ms, 1, 10'000)},
      {"commit_size", bytes(o.commit_bytes, 4 * kKiB, 4 * kMiB)},
  });
}

}  // namespace sorrel::config
