#include "sorreld/loss_watch.h"

#include <algorithm>
#include <utility>

namespace sorrel::agent {

void LossWatch::add(event::LossCause cause, std::string detail,
                    std::function<std::uint64_t()> total, std::uint32_t lag_ms) {
  const std::uint64_t seen = total();
  watched_.push_back({.cause = cause,
                      .detail = std::move(detail),
                      .total = std::move(total),
                      .lag_ns = lag_ms * std::uint64_t{1'000'000},
                      .seen = seen});
}

void LossWatch::look(std::uint64_t now_ns,
                     const std::function<void(const event::LossReport&)>& report) {
  const std::uint64_t since_ns = last_look_ns_ != 0 ? last_look_ns_ : now_ns;
  last_look_ns_ = now_ns;
  for (Watched& watched : watched_) {
    const std::uint64_t total = watched.total();
    if (total <= watched.seen) continue;
    report({.cause = watched.cause,
            .count = total - std::exchange(watched.seen, total),
            .since_ns = since_ns - std::min(since_ns, watched.lag_ns),
            .until_ns = now_ns,
            .detail = watched.detail});
  }
}

}  // namespace sorrel::agent
