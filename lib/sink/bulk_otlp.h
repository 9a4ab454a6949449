#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sink/bulk_format.h"

namespace sorrel::sink {

// OpenTelemetry's logs over HTTP, as protocol buffers (not every collector takes its JSON). An
// event is a LogRecord: its line is the body, its uid the attribute "event_uid".
class OtlpFormat final : public BulkFormat {
 public:
  // `attributes`: of the resource, that is the host.
  explicit OtlpFormat(const std::vector<std::pair<std::string, std::string>>& attributes);

  std::string_view default_path() const noexcept override { return "/v1/logs"; }
  std::string_view content_type() const noexcept override { return "application/x-protobuf"; }
  void append_body(std::span<const BulkFrame> frames, std::string& body) const override;
  BulkAnswer read(const HttpResponse& response, std::size_t frames) const override;

 private:
  std::string resource_;  // field 1 of ResourceLogs
};

}  // namespace sorrel::sink
