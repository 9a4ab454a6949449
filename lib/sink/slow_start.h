#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sorrel::sink {

// How much may be sent over a connection that follows a failure: little at first, twice as much
// each second, all after some. A collector that comes back after a restart has a whole fleet with
// its backlogs before it. Pure: time is given to it.
class SlowStart {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kFirstBytes = 256u << 10;  // at once, and in the first second
  static constexpr std::chrono::seconds kLength{8};       // then 64 MiB/s are reached

  void begin(Time now);
  void end() noexcept { is_on_ = false; }
  bool is_on() const noexcept { return is_on_; }

  // Bytes that may go now; SIZE_MAX without a limit. Ends by itself.
  std::size_t allowance(Time now);
  void spend(std::size_t bytes) noexcept { spent_ += bytes; }

 private:
  bool is_on_ = false;
  Time began_{};
  std::uint64_t spent_ = 0;
};

}  // namespace sorrel::sink
