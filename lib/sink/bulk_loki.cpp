#include "sink/bulk_loki.h"

#include <algorithm>

#include "sink/json_string.h"
#include "sink/raw_document.h"

namespace sorrel::sink {
namespace {

// What Loki says of an entry that it will never take: its age, or its size. Source: Loki,
// pkg/validation/validate.go and pkg/ingester/stream.go.
constexpr std::string_view kHopeless[] = {
    "has timestamp too old", "has timestamp too new", "entry too far behind",
    "entry out of order",    "max entry size",
};

}  // namespace

LokiFormat::LokiFormat(const std::vector<std::pair<std::string, std::string>>& labels) {
  head_ = R"({"streams":[{"stream":{)";
  for (const auto& [name, value] : labels) {
    if (head_.back() != '{') head_ += ',';
    append_json_string(head_, name);
    head_ += ':';
    append_json_string(head_, value);
  }
  head_ += R"(},"values":[)";
}

void LokiFormat::append_body(std::span<const BulkFrame> frames, std::string& body) const {
  body += head_;
  bool is_first = true;
  for (const BulkFrame& frame : frames) {
    body += is_first ? "[\"" : ",[\"";
    is_first = false;
    body += std::to_string(frame.header->time_ns);
    body += "\",";
    append_json_string(body, without_newline(frame.bytes));
    body += ']';
  }
  body += "]}]}";
}

BulkAnswer LokiFormat::read(const HttpResponse& response, std::size_t) const {
  BulkAnswer answer = read_status(response);
  if (answer.verdict != BulkAnswer::Verdict::bad_request) return answer;
  const std::string_view said = response.body;
  const bool is_hopeless = std::any_of(
      std::begin(kHopeless), std::end(kHopeless),
      [said](std::string_view words) { return said.find(words) != std::string_view::npos; });
  // The other entries of the request were taken. It is sent again in parts all the same: which ones
  // were not is not said in a form to rely on, and Loki drops an entry that it has already.
  if (is_hopeless) answer.verdict = BulkAnswer::Verdict::hopeless;
  return answer;
}

}  // namespace sorrel::sink
