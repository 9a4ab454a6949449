#pragma once

#include <string>

#include "sink/bulk_format.h"

namespace sorrel::sink {

// Splunk's HTTP Event Collector, its event endpoint.
class SplunkFormat final : public BulkFormat {
 public:
  explicit SplunkFormat(const SplunkOptions& options);

  std::string_view default_path() const noexcept override { return "/services/collector/event"; }
  std::string_view content_type() const noexcept override { return "application/json"; }
  std::string_view token_scheme() const noexcept override { return "Splunk"; }
  void append_body(std::span<const BulkFrame> frames, std::string& body) const override;
  BulkAnswer read(const HttpResponse& response, std::size_t frames) const override;

 private:
  std::string metadata_;  // host, source, sourcetype and index, as members of an object
  bool has_acks_;
};

// The answer to a question for acknowledgements: {"acks":{"1":true,"2":false}}. Those that are
// true; nothing: the answer cannot be read.
std::optional<std::vector<std::uint64_t>> read_acks(const HttpResponse& response);
// The question's body.
std::string ack_question(std::span<const std::uint64_t> ids);

}  // namespace sorrel::sink
