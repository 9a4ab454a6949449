#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "event/loss.h"

namespace sorrel::agent {

// The daemon's counters at one moment.
struct Statistics {
  std::uint64_t events = 0;   // put out, ours included
  std::uint64_t records = 0;  // taken in
  std::uint64_t incomplete = 0;
  std::uint64_t unparsed = 0;
  std::uint64_t heartbeats = 0;  // our own records that came back; in records, not in events
  std::uint64_t bytes_out = 0;
  std::array<std::uint64_t, event::kLossCauses> lost{};  // by cause
  std::string mode;  // "registered", "multicast", "replay", "unix"
  double seconds = 0;

  std::uint64_t lost_sum() const noexcept;
};

// One JSON object, a line.
std::string to_json(const Statistics& statistics);
// Writes it to `path`, replacing what was there. Errors: it cannot be written.
Status write_statistics(const std::string& path, const Statistics& statistics);
// One log line.
void log_statistics(const Statistics& statistics);

}  // namespace sorrel::agent
