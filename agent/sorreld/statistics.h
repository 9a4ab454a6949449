#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "event/loss.h"
#include "pipeline/pipeline.h"
#include "sorreld/host_watch.h"
#include "sorreld/outputs.h"
#include "sorreld/shipped_output.h"

namespace sorrel::agent {

// The audit rules that sorreld keeps, see RuleKeeper.
struct RuleStatistics {
  std::uint32_t loaded = 0;
  std::uint32_t pending = 0;  // wanted, and their path is missing
  bool in_sync = true;
};

// The daemon's counters at one moment, since its start.
struct Statistics {
  std::uint64_t events = 0;                              // put out, ours included
  std::uint64_t records = 0;                             // taken in, heartbeats included
  std::array<std::uint64_t, event::kLossCauses> lost{};  // by LossCause
  std::uint64_t incomplete = 0;                          // events put out without their end
  std::uint64_t unparsed = 0;        // records or lines that are none; put out as they are
  std::uint64_t heartbeats = 0;      // of ours, that came back
  std::uint64_t output_dropped = 0;  // frames that an output could not write
  std::uint64_t bytes_out = 0;       // of encoded events, each format once
  std::uint64_t processes = 0;       // known now
  std::uint64_t asked = 0;           // looked up in /proc ...
  std::uint64_t not_asked = 0;       // ... and not: too many at once
  std::uint64_t late = 0;            // events that went out without what /proc says
  std::uint64_t redacted = 0;        // secrets that were taken out
  std::uint64_t waited = 0;          // events that waited for what /proc says
  HostStatistics host;
  std::optional<RuleStatistics> rules;    // nothing: sorreld leaves rules alone
  std::vector<ShippedStatus> shipped;     // outputs to collectors
  std::vector<buffer::LaneStatus> lanes;  // of the buffer; empty without one
  std::string mode;                       // "registered", "multicast", "replay", ...
  double seconds = 0;                     // since the start

  std::uint64_t lost_sum() const noexcept;
};

// Reads the pipeline's counters; any thread.
Statistics read_statistics(const Pipeline& pipeline, const OpenOutputs& outputs);

// One JSON object and a newline.
std::string to_json(const Statistics& statistics);
// One log line: "statistics events=... records=...".
void log_statistics(const Statistics& statistics);

// Where the JSON goes at the end: opened at the start, while the privileges for it are there, and
// kept as it was until then.
class StatisticsFile {
 public:
  // Errors: it cannot be opened or created.
  static Result<StatisticsFile> open(const std::string& path);
  // Replaces what the file holds. Errors: it cannot be written.
  Status write(const Statistics& statistics) const;

 private:
  StatisticsFile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  Fd fd_;
};

}  // namespace sorrel::agent
