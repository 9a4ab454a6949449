#include "sink/bulk_elasticsearch.h"

#include <simdjson.h>

#include "sink/json_string.h"
#include "sink/raw_document.h"

namespace sorrel::sink {
namespace {

namespace dom = simdjson::dom;

BulkAnswer unreadable(const char* why) {
  BulkAnswer answer;
  answer.reason = std::string("the answer to _bulk ") + why + "; is this Elasticsearch's port?";
  return answer;
}

std::string text_of(const dom::element& object, const char* key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return {};
  return short_reason(text);
}

FrameAnswer answer_of(std::int64_t status, const dom::element& result) {
  FrameAnswer answer;
  if (status >= 200 && status < 300) return answer;
  answer.reason = std::to_string(status);
  dom::element error;
  if (result["error"].get(error) == simdjson::SUCCESS) {
    answer.reason += " " + text_of(error, "type") + ": " + text_of(error, "reason");
  }
  if (status == 409) {  // version_conflict_engine_exception: there is one with this id
    answer.kind = FrameAnswer::Kind::duplicate;
  } else if (status == 400 || status == 413 || status == 422) {
    answer.kind = FrameAnswer::Kind::refused;
  } else {
    // Besides 429 and 5xx: a missing index (404), a blocked or forbidden one (403). Somebody has to
    // mend the collector; the event itself is not at fault.
    answer.kind = FrameAnswer::Kind::retry;
  }
  return answer;
}

// {"create":{"status":201}}: an object of one member, whatever its name.
bool read_item(const dom::element& item, FrameAnswer& answer) {
  dom::object action;
  if (item.get(action) != simdjson::SUCCESS || action.size() != 1) return false;
  const dom::element result = (*action.begin()).value;
  std::int64_t status = 0;
  if (result["status"].get(status) != simdjson::SUCCESS) return false;
  answer = answer_of(status, result);
  return true;
}

}  // namespace

void ElasticsearchFormat::append_body(std::span<const BulkFrame> frames, std::string& body) const {
  for (const BulkFrame& frame : frames) {
    body += R"({"create":{"_index":")";
    index_.append_to(body, frame.header->time_ns);
    body += R"(","_id":")";
    append_uid(body, frame.header->event_uid);
    body += "\"}}\n";
    append_document(body, frame);
  }
}

BulkAnswer ElasticsearchFormat::read(const HttpResponse& response, std::size_t frames) const {
  BulkAnswer answer = read_status(response);
  if (answer.verdict != BulkAnswer::Verdict::all) return answer;
  dom::parser parser;
  dom::element root;
  if (parser.parse(response.body).get(root) != simdjson::SUCCESS) return unreadable("is no JSON");
  bool has_errors = false;
  if (root["errors"].get(has_errors) != simdjson::SUCCESS) return unreadable("has no 'errors'");
  if (!has_errors) return answer;
  dom::array items;
  if (root["items"].get(items) != simdjson::SUCCESS) return unreadable("has no 'items'");
  answer.verdict = BulkAnswer::Verdict::each;
  for (const dom::element item : items) {
    // One answer too many, and they can be anybody's.
    if (answer.frames.size() == frames || !read_item(item, answer.frames.emplace_back())) {
      return unreadable("has items that are not those of the request");
    }
  }
  if (answer.frames.size() != frames) return unreadable("lacks items");
  return answer;
}

}  // namespace sorrel::sink
