#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sink/bulk_format.h"

namespace sorrel::sink {

// Loki's push API, in JSON. One stream: labels are few and fixed, since each combination of them is
// an index of its own there.
class LokiFormat final : public BulkFormat {
 public:
  explicit LokiFormat(const std::vector<std::pair<std::string, std::string>>& labels);

  std::string_view default_path() const noexcept override { return "/loki/api/v1/push"; }
  std::string_view content_type() const noexcept override { return "application/json"; }
  void append_body(std::span<const BulkFrame> frames, std::string& body) const override;
  BulkAnswer read(const HttpResponse& response, std::size_t frames) const override;

 private:
  std::string head_;  // of every body, up to the first value
};

}  // namespace sorrel::sink
