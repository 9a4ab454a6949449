#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace sorrel::sink {

// Which of an output's endpoints is tried next. Each has a circuit breaker of its own: after a
// failure it is left alone for a random time up to a limit that doubles with each failure in a row
// (full jitter), so that a fleet does not come back all at once, and a dead endpoint costs the
// others nothing. Pure: time and chance are given to it.
class EndpointList {
 public:
  struct Limits {
    std::uint64_t retry_min_ms = 1'000;
    std::uint64_t retry_max_ms = 60'000;
  };
  // A number from 0 up to and without 1.
  using Random = std::function<double()>;

  EndpointList(std::size_t count, const Limits& limits, Random random);

  // The endpoint to try now, or how long to wait until one may be tried. Of those that may, one
  // that never failed since it last worked comes first, and among equals chance decides.
  struct Choice {
    std::size_t index = 0;
    std::uint64_t wait_ms = 0;  // not 0: nothing may be tried yet
  };
  Choice choose(std::uint64_t now_ms);
  void report(std::size_t index, bool is_good, std::uint64_t now_ms);

 private:
  struct State {
    std::uint32_t failures = 0;  // in a row
    std::uint64_t not_before_ms = 0;
  };

  const Limits limits_;
  Random random_;
  std::vector<State> states_;
};

}  // namespace sorrel::sink
