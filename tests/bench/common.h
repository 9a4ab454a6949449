#pragma once

#include <errno.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

// What programs that measure a running daemon's parts have in common.
namespace sorrel::bench {

inline constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

[[noreturn]] inline void give_up(const std::string& message) {
  std::printf("%s: %s\n", program_invocation_short_name, message.c_str());
  std::exit(1);
}

template <class T>
T or_exit(Result<T> result) {
  if (!result) give_up(result.error().to_string());
  return *std::move(result);
}

inline std::uint64_t read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kNsPerSecond +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// The value that `part` of the others (0.5: half of them) lie below.
inline double quantile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(static_cast<double>(values.size()) * part);
  return values[std::min(at, values.size() - 1)];
}
inline double median(const std::vector<double>& values) {
  return quantile(values, 0.5);
}

}  // namespace sorrel::bench
