#include "base/clock.h"

#include <ctime>

namespace sorrel {
namespace {

std::uint64_t read_clock(clockid_t id) noexcept {
  timespec now{};
  ::clock_gettime(id, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

std::uint64_t SystemClock::realtime_ns() const noexcept {
  return read_clock(CLOCK_REALTIME);
}
std::uint64_t SystemClock::monotonic_ns() const noexcept {
  return read_clock(CLOCK_MONOTONIC);
}

}  // namespace sorrel
