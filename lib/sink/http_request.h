#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sorrel::sink {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// A POST request of HTTP/1.1 without its body.
struct HttpRequestHead {
  std::string target;  // path and query, percent-encoded already
  std::string host;
  std::string content_type;
  std::string content_encoding;  // empty: none
  HttpHeaders headers;
  std::size_t body_bytes = 0;
};

// True when `name` can be a header's name (RFC 9110 5.6.2), and `value` its value: without a line
// break or any other control character, which would begin a header of somebody else's making.
bool is_header(std::string_view name, std::string_view value) noexcept;
// True when `target` can stand in a request line: visible ASCII that begins with a slash.
bool is_request_target(std::string_view target) noexcept;

// Appends the head, the empty line included. Errors: invalid_argument, for what the two above
// refuse; nothing is appended then.
Status append_request_head(std::string& out, const HttpRequestHead& head);

}  // namespace sorrel::sink
