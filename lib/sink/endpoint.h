#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sorrel::sink {

// A collector's address, as written.
struct Endpoint {
  std::string host;  // a name, or an address without brackets
  std::uint16_t port = 0;

  // "logs.example:6514", "[2001:db8::1]:6514".
  std::string to_string() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Reads "HOST:PORT" or "[V6]:PORT". Errors: invalid_argument, with what is wrong.
Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace sorrel::sink
