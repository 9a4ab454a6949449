#include "sink/bulk_format.h"

#include "sink/bulk_elasticsearch.h"
#include "sink/bulk_loki.h"
#include "sink/bulk_ndjson.h"
#include "sink/bulk_otlp.h"
#include "sink/bulk_splunk.h"

namespace sorrel::sink {
namespace {

constexpr std::size_t kReasonBytes = 300;

BulkAnswer::Verdict verdict_of(std::uint16_t status) noexcept {
  using Verdict = BulkAnswer::Verdict;
  if (status >= 200 && status < 300) return Verdict::all;
  switch (status) {
    case 400:  // Bad Request
    case 422:  // Unprocessable Content
      return Verdict::bad_request;
    case 413:  // Content Too Large
      return Verdict::too_large;
    case 429:  // Too Many Requests
      return Verdict::busy;
    case 408:  // Request Timeout
    case 425:  // Too Early
      return Verdict::failed;
    default:
      // 3xx too: we follow nobody elsewhere with our credentials.
      return status >= 500 && status != 501 && status != 505 ? Verdict::failed : Verdict::denied;
  }
}

}  // namespace

std::string short_reason(std::string_view text) {
  std::string reason;
  for (const char c : text.substr(0, kReasonBytes)) {
    if (c > 0x20 && c < 0x7f) {
      reason += c;
    } else if (!reason.empty() && reason.back() != ' ') {
      reason += ' ';
    }
  }
  if (!reason.empty() && reason.back() == ' ') reason.pop_back();
  if (text.size() > kReasonBytes) reason += "...";
  return reason;
}

BulkAnswer read_status(const HttpResponse& response) {
  BulkAnswer answer;
  answer.verdict = verdict_of(response.status);
  if (answer.verdict != BulkAnswer::Verdict::all) {
    answer.reason = std::to_string(response.status);
    const std::string said = short_reason(response.body);
    if (!said.empty()) answer.reason += ": " + said;
  }
  return answer;
}

Result<std::unique_ptr<BulkFormat>> make_bulk_format(const HttpOptions& options) {
  std::unique_ptr<BulkFormat> format;
  switch (options.kind) {
    case BulkKind::elasticsearch: {
      auto pattern = IndexPattern::parse(options.index);
      if (!pattern) return Unexpected(std::move(pattern).error());
      format = std::make_unique<ElasticsearchFormat>(*std::move(pattern));
      break;
    }
    case BulkKind::splunk_hec:
      format = std::make_unique<SplunkFormat>(options.splunk);
      break;
    case BulkKind::loki:
      if (options.labels.empty()) {
        return fail(std::errc::invalid_argument, "loki needs at least one label, as job: sorrel");
      }
      format = std::make_unique<LokiFormat>(options.labels);
      break;
    case BulkKind::ndjson:
      format = std::make_unique<NdjsonFormat>();
      break;
    case BulkKind::otlp:
      format = std::make_unique<OtlpFormat>(options.labels);
      break;
  }
  return format;
}

}  // namespace sorrel::sink
