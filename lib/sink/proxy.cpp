#include "sink/proxy.h"

#include <algorithm>

namespace sorrel::sink {

std::string connect_request(const Endpoint& target) {
  const std::string name = target.to_string();
  return "CONNECT " + name + " HTTP/1.1\r\nHost: " + name + "\r\n\r\n";
}

Result<std::optional<std::size_t>> read_connect_answer(std::string_view bytes) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::string_view begin = bytes.substr(0, kVersion.size());
  if (kVersion.substr(0, begin.size()) != begin) {
    return fail(std::errc::protocol_error, "what listens there is no HTTP proxy");
  }
  const std::size_t end = bytes.find(kEnd);
  if (end == std::string_view::npos) {
    if (bytes.size() < kMaxProxyHead) return std::optional<std::size_t>();
    return fail(std::errc::protocol_error, "the proxy's answer has no end");
  }
  // "HTTP/1.1 200 Connection established"
  std::string_view line = bytes.substr(0, bytes.find("\r\n"));
  const std::size_t blank = line.find(' ');
  const std::string_view status =
      blank == std::string_view::npos ? std::string_view{} : line.substr(blank + 1, 3);
  if (status.size() == 3 && status[0] == '2') return std::optional(end + kEnd.size());
  // Into a log: nothing that a terminal would act on.
  std::string shown(line.substr(0, 100));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return fail(std::errc::permission_denied, "the proxy refuses: " + shown);
}

}  // namespace sorrel::sink
