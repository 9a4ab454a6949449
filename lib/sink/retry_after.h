#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sorrel::sink {

// How long a collector asks us to wait: the value of a Retry-After header, seconds or a date in any
// of the three forms of RFC 9110 5.6.7. `now_s`: the time since the epoch. A date that has passed
// is 0. Nothing for anything else.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::int64_t now_s) noexcept;

}  // namespace sorrel::sink
