#include "sink/slow_start.h"

#include <cmath>

namespace sorrel::sink {

void SlowStart::begin(Time now) {
  is_on_ = true;
  began_ = now;
  spent_ = 0;
}

std::size_t SlowStart::allowance(Time now) {
  if (is_on_ && now - began_ >= kLength) end();
  if (!is_on_) return SIZE_MAX;
  // Of a rate that doubles each second, up to now: first * 2^s per second.
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double total = static_cast<double>(kFirstBytes) * std::exp2(seconds);
  const auto allowed = static_cast<std::uint64_t>(total);
  return allowed > spent_ ? static_cast<std::size_t>(allowed - spent_) : 0;
}

}  // namespace sorrel::sink
