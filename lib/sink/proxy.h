#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sink/endpoint.h"

namespace sorrel::sink {

// What is sent to an HTTP proxy for a tunnel. Source: RFC 9110 9.3.6.
std::string connect_request(const Endpoint& target);

// Reads the head of its answer, as far as `bytes` have it: nothing yet, the number of bytes that
// belong to it, or why there is no tunnel. At most kMaxProxyHead bytes are waited for.
inline constexpr std::size_t kMaxProxyHead = 8'192;
Result<std::optional<std::size_t>> read_connect_answer(std::string_view bytes);

}  // namespace sorrel::sink
