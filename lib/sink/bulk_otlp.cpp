#include "sink/bulk_otlp.h"

#include <array>

#include "sink/json_string.h"
#include "sink/protobuf.h"
#include "sink/raw_document.h"

namespace sorrel::sink {
namespace {

namespace pb = protobuf;

// Source: opentelemetry-proto, logs/v1/logs.proto and common/v1/common.proto, by their numbers:
// ExportLogsServiceRequest.resource_logs 1, ResourceLogs{resource 1, scope_logs 2},
// ScopeLogs{scope 1, log_records 2}, LogRecord{time 1, severity_number 2, severity_text 3, body 5,
// attributes 6}, KeyValue{key 1, value 2}, AnyValue{string 1, bytes 7}.
constexpr std::size_t kUidBytes = 32;

// SeverityNumber for the severities of syslog. Source: the data model's appendix B.
constexpr std::array<std::uint8_t, 8> kSeverityNumbers = {24, 21, 18, 17, 13, 10, 9, 5};
constexpr std::array<std::string_view, 8> kSeverityTexts = {"EMERG", "ALERT",  "CRIT", "ERROR",
                                                            "WARN",  "NOTICE", "INFO", "DEBUG"};

std::string string_value(std::string_view text) {
  std::string value;
  pb::append_bytes(value, 1, text);
  return value;
}

std::string key_value(std::string_view key, std::string_view text) {
  std::string pair;
  pb::append_bytes(pair, 1, key);
  pb::append_bytes(pair, 2, string_value(text));
  return pair;
}

std::string scope() {
  std::string scope;
  pb::append_bytes(scope, 1, "sorrel");
  pb::append_bytes(scope, 2, SORREL_VERSION);
  return scope;
}

void append_record(std::string& out, const BulkFrame& frame, const std::string& attribute_head) {
  const buffer::FrameHeader& header = *frame.header;
  const std::string_view text = without_newline(frame.bytes);
  const std::size_t severity = header.severity & 7u;
  const std::size_t body_bytes = pb::bytes_size(text.size());
  const std::size_t size = 9 + 2 + pb::bytes_size(kSeverityTexts[severity].size()) +
                           pb::bytes_size(body_bytes) +
                           pb::bytes_size(attribute_head.size() + kUidBytes);
  pb::append_varint(out, 2 << 3 | 2);
  pb::append_varint(out, size);
  pb::append_fixed64(out, 1, header.time_ns);
  pb::append_number(out, 2, kSeverityNumbers[severity]);
  pb::append_bytes(out, 3, kSeverityTexts[severity]);
  pb::append_varint(out, 5 << 3 | 2);
  pb::append_varint(out, body_bytes);
  // A string of protocol buffers is UTF-8; auditd's text may be anything.
  const bool is_text = header.format == buffer::Format::json || is_utf8(text);
  pb::append_bytes(out, is_text ? 1 : 7, text);
  pb::append_varint(out, 6 << 3 | 2);
  pb::append_varint(out, attribute_head.size() + kUidBytes);
  out += attribute_head;
  append_uid(out, header.event_uid);
}

// KeyValue of event_uid, without the 32 digits at its end.
std::string uid_attribute_head() {
  std::string pair = key_value("event_uid", std::string(kUidBytes, '0'));
  pair.resize(pair.size() - kUidBytes);
  return pair;
}

}  // namespace

OtlpFormat::OtlpFormat(const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string resource;
  for (const auto& [name, value] : attributes) {
    pb::append_bytes(resource, 1, key_value(name, value));
  }
  pb::append_bytes(resource_, 1, resource);
}

void OtlpFormat::append_body(std::span<const BulkFrame> frames, std::string& body) const {
  const std::string attribute_head = uid_attribute_head();
  std::string scope_logs;
  pb::append_bytes(scope_logs, 1, scope());
  for (const BulkFrame& frame : frames) append_record(scope_logs, frame, attribute_head);
  pb::append_varint(body, 1 << 3 | 2);
  pb::append_varint(body, resource_.size() + pb::bytes_size(scope_logs.size()));
  body += resource_;
  pb::append_bytes(body, 2, scope_logs);
}

// ExportLogsServiceResponse{partial_success 1 {rejected_log_records 1, error_message 2}}; an empty
// body is success.
BulkAnswer OtlpFormat::read(const HttpResponse& response, std::size_t frames) const {
  BulkAnswer answer = read_status(response);
  if (answer.verdict != BulkAnswer::Verdict::all) return answer;
  std::uint64_t rejected = 0;
  std::string message;
  pb::Reader root(response.body);
  while (root.next()) {
    if (!root.is_bytes(1)) continue;
    pb::Reader partial(root.bytes());
    while (partial.next()) {
      if (partial.is_number(1)) rejected = partial.number();
      if (partial.is_bytes(2)) message = short_reason(partial.bytes());
    }
    if (!partial.is_good()) rejected = frames + 1;
  }
  if (!root.is_good() || rejected > frames) {
    answer.verdict = BulkAnswer::Verdict::failed;
    answer.reason = "the answer is no ExportLogsServiceResponse; is this an OTLP/HTTP port?";
  } else if (rejected != 0) {
    // Which ones is not said. OTLP would have us forget them all; we ask again in smaller requests
    // until each of them is known, at the price of duplicates of the others.
    answer.verdict = BulkAnswer::Verdict::bad_request;
    answer.reason = std::to_string(rejected) + " of " + std::to_string(frames) +
                    " records rejected: " + message;
  }
  return answer;
}

}  // namespace sorrel::sink
