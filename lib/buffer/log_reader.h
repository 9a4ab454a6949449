#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "buffer/block.h"
#include "buffer/lane_log.h"
#include "buffer/segment_scanner.h"

namespace sorrel::buffer {

// Reads a lane's log from the disk, forwards, for one output. Blocks; one thread at a time.
class LogReader {
 public:
  explicit LogReader(const LaneLog& log) : log_(log) {}

  // The block that holds `sequence` or, when none does any more, the next one behind it. Null: the
  // log ends before it. When the disk fails, the same again, a while later: what is good may be
  // there yet. After kMaxAttempts in a row what cannot be read counts as damaged. What is damaged
  // goes to the log's quarantine, and reading goes on behind it.
  struct Loaded {
    std::shared_ptr<const Block> block;
    bool must_retry = false;
  };
  Loaded read(std::uint64_t sequence);
  static constexpr unsigned kMaxAttempts = 8;

 private:
  enum class Opened : std::uint8_t {
    yes,
    no,          // it has gone, or is no segment
    unreadable,  // the disk failed
    refused,     // the system has no descriptor, say: no reason ever to pass over it
  };
  Opened open(const SegmentView& segment);
  std::shared_ptr<const Block> read_in(const SegmentView& segment, std::uint64_t sequence);
  void set_aside(const SegmentView& segment, std::uint64_t begin, std::uint64_t end,
                 const std::string& why);

  const LaneLog& log_;
  std::optional<SegmentName> name_;  // of the open segment
  StorageFile file_;
  std::optional<SegmentScanner> scanner_;
  std::optional<SegmentCipher> cipher_;
  std::uint64_t position_ = 0;  // sequence behind the block that was read last
  unsigned attempts_ = 0;       // that the disk failed, in a row
};

}  // namespace sorrel::buffer
