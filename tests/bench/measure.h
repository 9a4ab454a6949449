#pragma once

#include <time.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace sorrel::bench {

// The compiler must take `value` for read, so that what computes it is not left out.
template <class T>
inline void use(const T& value) noexcept {
  asm volatile("" : : "r,m"(value) : "memory");
}

inline std::uint64_t cpu_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// CPU time of one call of `work`, in ns: the median of seven measurements, each of as many calls as
// take ten milliseconds, after a warm-up of as many.
template <class Work>
double cpu_ns_of(Work work) {
  constexpr std::uint64_t kLongEnough = 10'000'000;
  std::uint64_t calls = 0;
  const std::uint64_t warm_up = cpu_ns();
  do {
    work();
    ++calls;
  } while (cpu_ns() - warm_up < kLongEnough);
  std::array<double, 7> samples{};
  for (double& sample : samples) {
    const std::uint64_t before = cpu_ns();
    for (std::uint64_t i = 0; i < calls; ++i) work();
    sample = static_cast<double>(cpu_ns() - before) / static_cast<double>(calls);
  }
  std::nth_element(samples.begin(), samples.begin() + samples.size() / 2, samples.end());
  return samples[samples.size() / 2];
}

}  // namespace sorrel::bench
