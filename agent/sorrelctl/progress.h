#pragma once

#include <chrono>
#include <cstdint>

#include "input/byte_stream.h"

namespace sorrel::sorrelctl {

// A progress line on standard error for long work: shown when that is a terminal, standard output
// is not one too, and the work has taken more than a second.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted);
  ~ProgressLine();

  // Cheap: call it as often as you like.
  void update(const input::Progress& progress, std::uint64_t events);

 private:
  using Clock = std::chrono::steady_clock;

  bool enabled_;
  bool shown_ = false;
  Clock::time_point started_;
  Clock::time_point next_;
};

}  // namespace sorrel::sorrelctl
