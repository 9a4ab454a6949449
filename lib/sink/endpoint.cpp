#include "sink/endpoint.h"

#include <algorithm>
#include <charconv>

namespace sorrel::sink {
namespace {

constexpr std::size_t kMaxHost = 253;  // of a name in the DNS: RFC 1035 2.3.4

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}
bool is_v6_char(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.';
}

Unexpected<Error> bad(std::string_view text, const char* why) {
  return fail(std::errc::invalid_argument, "'" + std::string(text) + "' is no address: " + why);
}

}  // namespace

std::string Endpoint::to_string() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  Endpoint endpoint;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find("]:");
    if (end == std::string_view::npos) return bad(text, "write [V6-ADDRESS]:PORT");
    endpoint.host = text.substr(1, end - 1);
    port = text.substr(end + 2);
    // An address of a link has its interface behind a %: RFC 4007 11.
    const std::string_view host = endpoint.host;
    const std::string_view address = host.substr(0, host.find('%'));
    const std::string_view zone = host.substr(address.size());
    if (address.find(':') == std::string_view::npos || zone == "%" ||
        !std::all_of(address.begin(), address.end(), is_v6_char) ||
        !std::all_of(zone.begin() + (zone.empty() ? 0 : 1), zone.end(), is_host_char)) {
      return bad(text, "what stands in brackets is no IPv6 address");
    }
  } else {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return bad(text, "the port is missing, as in HOST:6514");
    endpoint.host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (endpoint.host.find(':') != std::string::npos) {
      return bad(text, "an IPv6 address is written in brackets, as in [2001:db8::1]:6514");
    }
    if (endpoint.host.empty() || endpoint.host.size() > kMaxHost ||
        !std::all_of(endpoint.host.begin(), endpoint.host.end(), is_host_char)) {
      return bad(text, "the host is no name");
    }
  }
  const char* const end = port.data() + port.size();
  const auto [ptr, error] = std::from_chars(port.data(), end, endpoint.port);
  if (error != std::errc() || ptr != end || endpoint.port == 0) {
    return bad(text, "the port is no number from 1 to 65535");
  }
  return endpoint;
}

}  // namespace sorrel::sink
