#pragma once

#include <utility>

#include "sink/bulk_format.h"
#include "sink/index_pattern.h"

namespace sorrel::sink {

// The _bulk API of Elasticsearch and OpenSearch. Each event is `create`d under its own uid: one
// that is sent again is answered with 409, which counts as delivered, so nothing is stored twice.
class ElasticsearchFormat final : public BulkFormat {
 public:
  explicit ElasticsearchFormat(IndexPattern index) : index_(std::move(index)) {}

  // Of the answer, only what read() looks at.
  std::string_view default_path() const noexcept override {
    return "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason";
  }
  std::string_view content_type() const noexcept override { return "application/x-ndjson"; }
  std::string_view token_scheme() const noexcept override { return "ApiKey"; }
  void append_body(std::span<const BulkFrame> frames, std::string& body) const override;
  BulkAnswer read(const HttpResponse& response, std::size_t frames) const override;

 private:
  IndexPattern index_;
};

}  // namespace sorrel::sink
