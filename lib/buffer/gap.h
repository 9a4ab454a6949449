#pragma once

#include <cstdint>

#include "buffer/frame.h"

namespace sorrel::buffer {

// Frames of a lane that an output will never get: a quota dropped them, or the disk lost them. They
// have the sequences first..last. Who wanted which of them is no longer known.
struct Gap {
  Lane lane = Lane::security;
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  std::uint64_t count() const noexcept { return last - first + 1; }
  friend bool operator==(const Gap&, const Gap&) = default;
};

}  // namespace sorrel::buffer
