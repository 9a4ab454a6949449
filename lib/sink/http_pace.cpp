#include "sink/http_pace.h"

#include <algorithm>

namespace sorrel::sink {

HttpPace::HttpPace(const HttpOptions& options)
    : retry_min_(options.retry_min),
      retry_max_(std::max(options.retry_min, options.retry_max)),
      asked_max_(options.retry_after_max),
      max_(std::max(1u, options.max_requests)) {}

void HttpPace::succeed() noexcept {
  // A limit that was not reached has proven nothing.
  if (in_flight_ >= limit()) limit_ = std::min(max_, limit_ + 1 / limit_);
  --in_flight_;
  bad_rounds_ = 0;
}

void HttpPace::slow_down(Time now, double fraction,
                         std::optional<std::chrono::milliseconds> asked) {
  --in_flight_;
  // The others of the same round are refused for the same reason: once is enough.
  if (now >= held_until_) limit_ = std::max(1.0, limit_ / 2);
  hold(now, fraction, asked);
}

void HttpPace::fail(Time now, double fraction, std::optional<std::chrono::milliseconds> asked) {
  --in_flight_;
  limit_ = 1;
  hold(now, fraction, asked);
}

void HttpPace::hold(Time now, double fraction, std::optional<std::chrono::milliseconds> asked) {
  if (asked) {
    held_until_ = std::max(held_until_, now + std::min(*asked, asked_max_));
    return;
  }
  if (now < held_until_) return;
  auto longest = retry_min_;
  for (unsigned i = 0; i < bad_rounds_ && longest < retry_max_; ++i) longest *= 2;
  longest = std::min(longest, retry_max_);
  ++bad_rounds_;
  held_until_ = now + std::chrono::milliseconds(static_cast<std::int64_t>(
                          static_cast<double>(longest.count()) * std::clamp(fraction, 0.0, 1.0)));
}

}  // namespace sorrel::sink
