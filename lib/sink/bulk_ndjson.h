#pragma once

#include "sink/bulk_format.h"

namespace sorrel::sink {

// One JSON object a line, as they are; any 2xx is for all of them. VictoriaLogs (/insert/jsonline),
// Vector, Fluent Bit and most others with an HTTP input.
class NdjsonFormat final : public BulkFormat {
 public:
  std::string_view default_path() const noexcept override { return "/"; }
  std::string_view content_type() const noexcept override { return "application/x-ndjson"; }
  void append_body(std::span<const BulkFrame> frames, std::string& body) const override;
  BulkAnswer read(const HttpResponse& response, std::size_t frames) const override;
};

}  // namespace sorrel::sink
