#include "sink/http_target.h"

namespace sorrel::sink {

std::string request_target(const HttpOptions& options, const BulkFormat& format) {
  std::string target = options.path.empty() ? std::string(format.default_path()) : options.path;
  if (options.kind == BulkKind::elasticsearch && !options.pipeline.empty()) {
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += "pipeline=" + options.pipeline;
  }
  return target;
}

std::string ack_target(std::string_view event_target) {
  constexpr std::string_view kCollector = "/collector";
  const std::string_view path = event_target.substr(0, event_target.find('?'));
  const std::size_t at = path.rfind(kCollector);
  if (at == std::string_view::npos) return "/services/collector/ack";
  return std::string(path.substr(0, at + kCollector.size())) + "/ack";
}

std::string host_of(std::string_view peer) {
  return std::string(peer.substr(0, peer.find(' ')));
}

}  // namespace sorrel::sink
