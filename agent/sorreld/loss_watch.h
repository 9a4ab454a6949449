#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "event/loss.h"

namespace sorrel::agent {

// Turns counters of lost things into reports: one for each counter that grew since the last look.
class LossWatch {
 public:
  // `total` reads a counter that only grows, from any thread. `detail` tells people what is behind
  // it and what to do. `lag_ms`: so long ago may be what the counter has just learnt.
  void add(event::LossCause cause, std::string detail, std::function<std::uint64_t()> total,
           std::uint32_t lag_ms = 0);

  // `now_ns`: since the epoch. `report` is called for each growth.
  void look(std::uint64_t now_ns, const std::function<void(const event::LossReport&)>& report);

 private:
  struct Watched {
    event::LossCause cause;
    std::string detail;
    std::function<std::uint64_t()> total;
    std::uint64_t lag_ns = 0;
    std::uint64_t seen = 0;
  };

  std::vector<Watched> watched_;
  std::uint64_t last_look_ns_ = 0;
};

}  // namespace sorrel::agent
