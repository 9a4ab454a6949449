#include "sink/endpoint_list.h"

#include <algorithm>
#include <utility>

namespace sorrel::sink {
namespace {

constexpr std::uint32_t kMaxDoublings = 20;

}  // namespace

EndpointList::EndpointList(std::size_t count, const Limits& limits, Random random)
    : limits_(limits), random_(std::move(random)), states_(count) {}

EndpointList::Choice EndpointList::choose(std::uint64_t now_ms) {
  std::vector<std::size_t> best;
  std::uint64_t soonest_ms = UINT64_MAX;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    soonest_ms = std::min(soonest_ms, states_[i].not_before_ms);
    if (states_[i].not_before_ms > now_ms) continue;
    if (!best.empty() && states_[i].failures > states_[best.front()].failures) continue;
    if (!best.empty() && states_[i].failures < states_[best.front()].failures) best.clear();
    best.push_back(i);
  }
  if (best.empty()) return {.index = 0, .wait_ms = soonest_ms - now_ms};
  const auto chosen = static_cast<std::size_t>(random_() * static_cast<double>(best.size()));
  return {.index = best[std::min(chosen, best.size() - 1)], .wait_ms = 0};
}

void EndpointList::report(std::size_t index, bool is_good, std::uint64_t now_ms) {
  State& state = states_[index];
  if (is_good) {
    state = {};
    return;
  }
  state.failures = std::min(state.failures + 1, kMaxDoublings);
  const std::uint64_t limit_ms =
      std::min(limits_.retry_max_ms, limits_.retry_min_ms << state.failures);
  state.not_before_ms =
      now_ms + static_cast<std::uint64_t>(random_() * static_cast<double>(limit_ms));
}

}  // namespace sorrel::sink
