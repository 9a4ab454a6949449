#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "sink/http_options.h"

namespace sorrel::sink {

// How fast one endpoint is asked: how many requests at a time, and not before when. Additive
// increase, multiplicative decrease, as TCP has it: one more for each full round of good answers,
// half of them when the collector says that it is busy, one when it failed. So a collector that was
// just started is asked slowly, too.
class HttpPace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit HttpPace(const HttpOptions& options);

  // May a request be sent now? begin() then says that it is; each is ended by one of the next
  // three.
  bool may_send(Time now) const noexcept { return now >= held_until_ && in_flight_ < limit(); }
  void begin() noexcept { ++in_flight_; }
  void succeed() noexcept;
  // The collector is busy, or has failed. `fraction`: a random number from 0 to 1, of the pause
  // that doubles with each time; `asked`: what the collector has asked for, which counts more.
  void slow_down(Time now, double fraction, std::optional<std::chrono::milliseconds> asked);
  void fail(Time now, double fraction, std::optional<std::chrono::milliseconds> asked);
  // It was not the endpoint's doing: a connection that was idle for too long.
  void forget() noexcept { --in_flight_; }

  std::uint32_t limit() const noexcept { return static_cast<std::uint32_t>(limit_); }
  std::uint32_t in_flight() const noexcept { return in_flight_; }
  Time held_until() const noexcept { return held_until_; }

 private:
  void hold(Time now, double fraction, std::optional<std::chrono::milliseconds> asked);

  const std::chrono::milliseconds retry_min_;
  const std::chrono::milliseconds retry_max_;
  const std::chrono::milliseconds asked_max_;
  const double max_;
  double limit_ = 1;
  std::uint32_t in_flight_ = 0;
  unsigned bad_rounds_ = 0;  // in a row
  Time held_until_{};
};

}  // namespace sorrel::sink
