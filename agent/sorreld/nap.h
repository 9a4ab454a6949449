#pragma once

#include <cstdint>

namespace sorrel::agent {

// Tells how long the intake may stay away from a busy source. At a high rate, a wake-up for each
// record or two costs more than the records; a short nap lets them gather. At a low rate there is
// none: it would only delay. Pure.
class RateGauge {
 public:
  static constexpr std::uint64_t kWindowNs = 5'000'000;
  static constexpr std::uint64_t kMaxNapNs = 2'000'000;
  // Records a second from which on naps pay.
  static constexpr std::uint64_t kBusyRate = 20'000;
  // What the kernel charges for a small record in a socket's queue.
  static constexpr std::uint64_t kChargePerRecord = 1'024;

  // `records` came until `now_ns` (monotonic).
  void add(std::uint64_t records, std::uint64_t now_ns) noexcept {
    records_ += records;
    const std::uint64_t elapsed_ns = now_ns - window_start_ns_;
    if (elapsed_ns < kWindowNs) return;
    rate_ = elapsed_ns > kLongestNs ? 0 : records_ * 1'000'000'000 / elapsed_ns;
    records_ = 0;
    window_start_ns_ = now_ns;
  }

  // 0: none. `queue_bytes`: what the source's queue takes; a nap fills a quarter of it at the most.
  std::uint64_t nap_ns(std::uint64_t queue_bytes) const noexcept {
    if (rate_ < kBusyRate) return 0;
    const std::uint64_t room = queue_bytes / 4 / kChargePerRecord;
    const std::uint64_t to_fill_ns = room * 1'000'000'000 / rate_;
    return to_fill_ns < kMaxNapNs ? to_fill_ns : kMaxNapNs;
  }

  std::uint64_t records_per_second() const noexcept { return rate_; }

 private:
  static constexpr std::uint64_t kLongestNs = 1'000'000'000;  // a pause, not a rate

  std::uint64_t window_start_ns_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t rate_ = 0;
};

}  // namespace sorrel::agent
