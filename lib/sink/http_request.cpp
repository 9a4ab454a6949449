#include "sink/http_request.h"

#include <algorithm>

namespace sorrel::sink {
namespace {

bool is_token_char(char c) noexcept {
  const bool is_alphanumeric =
      (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_value_char(char c) noexcept {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool is_header(std::string_view name, std::string_view value) noexcept {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char) &&
         std::all_of(value.begin(), value.end(), is_value_char);
}

bool is_request_target(std::string_view target) noexcept {
  return target.substr(0, 1) == "/" &&
         std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Status append_request_head(std::string& out, const HttpRequestHead& head) {
  if (!is_request_target(head.target)) {
    return fail(
        std::errc::invalid_argument,
        "'" + head.target + "' is no path of a request: it begins with / and has no blanks");
  }
  if (head.host.empty() || !is_header("Host", head.host)) {
    return fail(std::errc::invalid_argument, "'" + head.host + "' is no Host header");
  }
  for (const auto& [name, value] : head.headers) {
    if (!is_header(name, value)) {
      return fail(std::errc::invalid_argument, "the header '" + name +
                                                   "' has a character that a header cannot have; "
                                                   "line breaks and control characters are not "
                                                   "possible");
    }
  }
  out.append("POST ").append(head.target).append(" HTTP/1.1\r\n");
  append_header(out, "Host", head.host);
  append_header(out, "User-Agent", "sorrel/" SORREL_VERSION);
  if (!head.content_type.empty()) append_header(out, "Content-Type", head.content_type);
  if (!head.content_encoding.empty()) append_header(out, "Content-Encoding", head.content_encoding);
  append_header(out, "Content-Length", std::to_string(head.body_bytes));
  for (const auto& [name, value] : head.headers) append_header(out, name, value);
  out.append("\r\n");
  return Ok{};
}

}  // namespace sorrel::sink
