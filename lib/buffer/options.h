#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "buffer/frame.h"

namespace sorrel::buffer {

inline constexpr std::size_t kLanes = 3;
constexpr std::size_t lane_index(Lane lane) noexcept {
  return static_cast<std::size_t>(lane);
}
// "first", "security", "bulk": names of folders, and in messages. Lives for ever.
constexpr const char* lane_name(std::size_t lane) noexcept {
  constexpr const char* kNames[kLanes] = {"first", "security", "bulk"};
  return kNames[lane];
}

// When a block that was written is durable.
enum class Sync : std::uint8_t {
  always,    // fdatasync at each commit
  interval,  // at most sync_interval_ms later
  never,     // when the kernel likes: a power cut loses what it holds
};

struct LaneOptions {
  std::uint32_t commit_ms = 50;  // frames wait so long for others of their block
  Sync sync = Sync::always;

  friend bool operator==(const LaneOptions&, const LaneOptions&) = default;
};

struct Options {
  std::string path;  // a folder of its own
  std::uint64_t segment_bytes = 16u << 20;
  std::uint64_t commit_bytes = 256u << 10;  // a block is closed at this size
  std::uint32_t sync_interval_ms = 1'000;
  int compression = 1;  // of zstd, 1..3; 0: none
  // Quotas; the smallest counts. 0: no limit.
  std::uint64_t max_bytes = 1ull << 30;
  std::uint32_t max_share_percent = 10;         // of the file system
  std::uint64_t min_free_bytes = 256ull << 20;  // of the file system, left to others
  // Frames kept in memory, a lane: for outputs that keep up, and while the disk does not take them.
  std::uint64_t memory_bytes = 4u << 20;
  std::string key_file;  // 32 bytes or more; empty: not encrypted
  std::array<LaneOptions, kLanes> lanes = {LaneOptions{.commit_ms = 5}, LaneOptions{},
                                           LaneOptions{}};

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::buffer
