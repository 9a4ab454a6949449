#pragma once

#include <cstdint>

namespace sorrel {

// The two clocks that the agent reads. An interface, because it is a seam to the operating system:
// programs construct SystemClock, tests ManualClock, and nothing else asks for the time.
class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds since the epoch; may jump when the clock is set.
  virtual std::uint64_t realtime_ns() const noexcept = 0;
  // Nanoseconds since an arbitrary point; never steps back.
  virtual std::uint64_t monotonic_ns() const noexcept = 0;
};

class SystemClock final : public Clock {
 public:
  std::uint64_t realtime_ns() const noexcept override;
  std::uint64_t monotonic_ns() const noexcept override;
};

// A clock that stands still until it is told to move, for tests and for offline decoding, where the
// recording's own stamps are the time.
class ManualClock final : public Clock {
 public:
  std::uint64_t realtime_ns() const noexcept override { return realtime_ns_; }
  std::uint64_t monotonic_ns() const noexcept override { return monotonic_ns_; }
  void set_realtime_ns(std::uint64_t ns) noexcept { realtime_ns_ = ns; }
  void advance_ms(std::uint64_t ms) noexcept {
    realtime_ns_ += ms * 1'000'000;
    monotonic_ns_ += ms * 1'000'000;
  }

 private:
  std::uint64_t realtime_ns_ = 0;
  std::uint64_t monotonic_ns_ = 0;
};

}  // namespace sorrel
