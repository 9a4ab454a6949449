#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "buffer/frame.h"

namespace sorrel::buffer {

// Frames of one lane with consecutive sequences: what one group commit writes.
struct Block {
  std::uint64_t first = 0;  // sequence of the first frame
  std::vector<FrameHeader> frames;
  std::string bytes;  // of all frames, one after the other

  std::uint64_t end() const noexcept { return first + frames.size(); }  // behind the last
};

}  // namespace sorrel::buffer
