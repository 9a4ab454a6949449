#include "sink/bulk_splunk.h"

#include <charconv>
#include <cstdio>

#include <simdjson.h>

#include "sink/json_string.h"
#include "sink/raw_document.h"

namespace sorrel::sink {
namespace {

namespace dom = simdjson::dom;
using Verdict = BulkAnswer::Verdict;

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.append(",\"").append(name).append("\":");
  append_json_string(out, value);
}

// Source: Splunk, "Troubleshoot HTTP Event Collector", possible error codes.
Verdict verdict_of(std::int64_t code, Verdict by_status) noexcept {
  switch (code) {
    case 5:   // No data
    case 6:   // Invalid data format
    case 12:  // Event field is required
    case 13:  // Event field cannot be blank
    case 15:  // Error in handling indexed fields
      return Verdict::bad_request;
    case 1:   // Token disabled
    case 2:   // Token is required
    case 3:   // Invalid authorization
    case 4:   // Invalid token
    case 7:   // Incorrect index: one that the token may not write to
    case 10:  // Data channel is missing: the token wants acknowledgements
    case 11:  // Invalid data channel
    case 14:  // ACK is disabled
    case 16:  // Query string authorization is not enabled
      return Verdict::denied;
    case 9:   // Server is busy
    case 18:  // queues are full
    case 19:  // acknowledgements are full
    case 20:  // both
      return Verdict::busy;
    case 8:   // Internal server error
    case 23:  // Server is shutting down
      return Verdict::failed;
    default:
      return by_status;
  }
}

}  // namespace

SplunkFormat::SplunkFormat(const SplunkOptions& options) : has_acks_(options.has_acks) {
  append_member(metadata_, "host", options.host);
  append_member(metadata_, "source", options.source);
  append_member(metadata_, "sourcetype", options.sourcetype);
  append_member(metadata_, "index", options.index);
}

void SplunkFormat::append_body(std::span<const BulkFrame> frames, std::string& body) const {
  for (const BulkFrame& frame : frames) {
    char time[48];
    const std::uint64_t ms = frame.header->time_ns / 1'000'000;
    const int size = std::snprintf(time, sizeof time, "{\"time\":%llu.%03u",
                                   static_cast<unsigned long long>(ms / 1'000),
                                   static_cast<unsigned>(ms % 1'000));
    body.append(time, static_cast<std::size_t>(size)).append(metadata_);
    body += R"(,"fields":{"event_uid":")";
    append_uid(body, frame.header->event_uid);
    body += "\"},\"event\":";
    append_value(body, frame);
    body += "}\n";
  }
}

BulkAnswer SplunkFormat::read(const HttpResponse& response, std::size_t frames) const {
  BulkAnswer answer = read_status(response);
  dom::parser parser;
  dom::element root;
  const bool is_json = parser.parse(response.body).get(root) == simdjson::SUCCESS;
  std::int64_t code = -1;
  if (!is_json || root["code"].get(code) != simdjson::SUCCESS) {
    // A load balancer's own page has no code: then the status says enough, unless it says yes.
    if (answer.verdict == Verdict::all) {
      answer.verdict = Verdict::failed;
      answer.reason = "the answer has no code; is this Splunk's HTTP Event Collector?";
    }
    return answer;
  }
  if (answer.verdict != Verdict::all) {
    answer.verdict = verdict_of(code, answer.verdict);
    std::uint64_t number = 0;
    if (root["invalid-event-number"].get(number) == simdjson::SUCCESS && number < frames) {
      answer.suspect = number;
    }
    return answer;
  }
  if (code != 0) {
    answer.verdict = verdict_of(code, Verdict::failed);
    answer.reason = short_reason(response.body);
  } else if (has_acks_) {
    if (root["ackId"].get(answer.ack_id) == simdjson::SUCCESS) {
      answer.verdict = Verdict::pending;
    } else {
      answer.verdict = Verdict::denied;
      answer.reason = "no ackId: the token has no indexer acknowledgement; enable it, or acks: no";
    }
  }
  return answer;
}

std::optional<std::vector<std::uint64_t>> read_acks(const HttpResponse& response) {
  if (response.status != 200) return std::nullopt;
  dom::parser parser;
  dom::object acks;
  if (parser.parse(response.body)["acks"].get(acks) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::uint64_t> ids;
  for (const auto [name, value] : acks) {
    std::uint64_t id = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    bool is_safe = false;
    if (error != std::errc() || stop != name.data() + name.size() ||
        value.get(is_safe) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    if (is_safe) ids.push_back(id);
  }
  return ids;
}

std::string ack_question(std::span<const std::uint64_t> ids) {
  std::string text = R"({"acks":[)";
  for (const std::uint64_t id : ids) {
    if (text.back() != '[') text += ',';
    text += std::to_string(id);
  }
  return text + "]}";
}

}  // namespace sorrel::sink
