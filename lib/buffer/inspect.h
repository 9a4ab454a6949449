#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "buffer/block.h"
#include "buffer/segment_format.h"
#include "buffer/storage.h"

// A look at a buffer from outside, for tools: nothing is changed.
namespace sorrel::buffer {

// One segment, read from its beginning to its end.
struct SegmentReport {
  SegmentName name;
  std::string path;
  std::uint64_t bytes = 0;
  bool is_encrypted = false;
  std::uint64_t blocks = 0;  // good ones
  std::uint64_t frames = 0;  // in them
  std::uint64_t first = 0;   // sequences; 0 without a frame
  std::uint64_t last = 0;
  std::uint64_t damaged = 0;  // blocks and places that cannot be read
  std::string error;          // why none of it can be; empty otherwise
};
struct CursorReport {
  std::string output;
  std::optional<std::uint64_t> acked;  // nothing: damaged
};
struct LaneReport {
  std::string name;
  std::vector<SegmentReport> segments;
  std::vector<CursorReport> cursors;
};

struct InspectOptions {
  std::string path;    // of the buffer
  std::string secret;  // of its key file; empty: encrypted payloads are only checked, not opened
  bool reads_segments = true;  // otherwise only their names and sizes
};
// Each good block, in order; its frames are whole.
using OnBlock = std::function<void(const std::string& lane, const Block& block)>;

// Errors: the folder is none of a buffer, or cannot be read.
Result<std::vector<LaneReport>> inspect(Storage& storage, const InspectOptions& options,
                                        const OnBlock& on_block = {});

// Keeps every other process out of the buffer until the descriptor is closed. Errors: one is in.
Result<Fd> lock_buffer(const std::string& path);

}  // namespace sorrel::buffer
