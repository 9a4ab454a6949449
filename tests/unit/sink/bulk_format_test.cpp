#include "bulk_fixture.h"
#include "catch.h"
#include "sink/bulk_splunk.h"
#include "sink/index_pattern.h"
#include "sink/json_string.h"
#include "sink/protobuf.h"

namespace sorrel::sink {
namespace {

using Verdict = BulkAnswer::Verdict;
using Kind = FrameAnswer::Kind;

HttpOptions options_of(BulkKind kind) {
  HttpOptions options;
  options.kind = kind;
  return options;
}

BulkBatch two_events() {
  BulkBatch batch;
  batch.add("{\"a\":\"x\\\"y\"}\n");
  batch.add("type=A msg=\"b\xff\"\nc\n", buffer::Format::raw);
  return batch;
}

TEST_CASE("elasticsearch: each event is created under its uid, in the index of its day", "[bulk]") {
  HttpOptions options = options_of(BulkKind::elasticsearch);
  options.index = "audit-%Y.%m.%d";
  CHECK(
      two_events().body(*make_format(options)) ==
      R"({"create":{"_index":"audit-2026.11.26","_id":"0123456789abcdef0000000000000001"}})"
      "\n{\"a\":\"x\\\"y\"}\n"
      R"({"create":{"_index":"audit-2026.11.27","_id":"0123456789abcdef0000000000000002"}})"
      "\n"
      R"({"@timestamp":"2026-11-27T00:00:00.123Z","EVENT_UID":"0123456789abcdef0000000000000002",)"
      R"("message":"type=A msg=\"b\\xff\"\nc"})"
      "\n");
}

TEST_CASE("elasticsearch: the answer is read item by item", "[bulk]") {
  const auto format = make_format(options_of(BulkKind::elasticsearch));
  CHECK(format->read(make_response(200, R"({"took":3,"errors":false,"items":[]})"), 2).verdict ==
        Verdict::all);
  const BulkAnswer answer =
      format->read(make_response(200, R"({"errors":true,"items":[{"create":{"status":201}},
        {"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"r"}}},
        {"create":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"failed\nto"}}},
        {"create":{"status":429,"error":"es_rejected_execution_exception"}},
        {"create":{"status":503}},{"create":{"status":403}},{"create":{"status":404}},
        {"create":{"status":200}}]})"),
                   8);
  REQUIRE(answer.verdict == Verdict::each);
  const Kind kinds[] = {Kind::acknowledged, Kind::duplicate, Kind::refused, Kind::retry,
                        Kind::retry,        Kind::retry,     Kind::retry,   Kind::acknowledged};
  REQUIRE(answer.frames.size() == std::size(kinds));
  for (std::size_t i = 0; i < std::size(kinds); ++i) {
    CAPTURE(i);
    CHECK(answer.frames[i].kind == kinds[i]);
  }
  CHECK(answer.frames[2].reason == "400 mapper_parsing_exception: failed to");
}

TEST_CASE("elasticsearch: an answer that is not of the request acknowledges nothing", "[bulk]") {
  const auto format = make_format(options_of(BulkKind::elasticsearch));
  for (
      const char* body :
      {"", "{}", "[]", "null", "<html>", "{\"errors\":0}", "{\"errors\":true}",
       R"({"errors":true,"items":{}})", R"({"errors":true,"items":[]})",
       R"({"errors":true,"items":[{"create":{"status":201}}]})",
       R"({"errors":true,"items":[{"create":{"status":201}},{"create":{"status":"201"}}]})",
       R"({"errors":true,"items":[{"create":{"status":201}},{}]})",
       R"({"errors":true,"items":[{"create":{"status":201}},{"create":1}]})",
       R"({"errors":true,"items":[1,2]})",
       R"({"errors":true,"items":[{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}}]})"}) {
    CAPTURE(body);
    CHECK(format->read(make_response(200, body), 2).verdict == Verdict::failed);
  }
}

TEST_CASE("a status says whether the collector, we or an event are at fault", "[bulk]") {
  const std::pair<std::uint16_t, Verdict> rows[] = {
      {200, Verdict::all},         {204, Verdict::all},    {301, Verdict::denied},
      {400, Verdict::bad_request}, {401, Verdict::denied}, {403, Verdict::denied},
      {404, Verdict::denied},      {405, Verdict::denied}, {408, Verdict::failed},
      {413, Verdict::too_large},   {415, Verdict::denied}, {422, Verdict::bad_request},
      {429, Verdict::busy},        {500, Verdict::failed}, {501, Verdict::denied},
      {502, Verdict::failed},      {503, Verdict::failed}, {504, Verdict::failed},
      {505, Verdict::denied},      {999, Verdict::failed}};
  const auto format = make_format(options_of(BulkKind::ndjson));
  for (const auto& [status, verdict] : rows) {
    CAPTURE(status);
    CHECK(format->read(make_response(status), 3).verdict == verdict);
  }
  CHECK(format->read(make_response(400, "no\x1b[2J\nway"), 1).reason == "400: no [2J way");
  CHECK(format->read(make_response(500, std::string(5000, 'x')), 1).reason.size() < 400);
}

TEST_CASE("ndjson: the lines as they are", "[bulk]") {
  BulkBatch batch;
  batch.add("{\"a\":1}\n");
  batch.add("{\"b\":2}\n");
  CHECK(batch.body(*make_format(options_of(BulkKind::ndjson))) == "{\"a\":1}\n{\"b\":2}\n");
}

TEST_CASE("loki: one stream, nanoseconds as strings, the event as a string", "[bulk]") {
  HttpOptions options = options_of(BulkKind::loki);
  options.labels = {{"job", "sorrel"}, {"env", "a\"b"}};
  CHECK(two_events().body(*make_format(options)) ==
        R"({"streams":[{"stream":{"job":"sorrel","env":"a\"b"},"values":[)"
        R"(["1795737599123000000","{\"a\":\"x\\\"y\"}"],)"
        R"(["1795737600123000000","type=A msg=\"b\\xff\"\nc"]]}]})");
  options.labels.clear();
  CHECK_FALSE(make_bulk_format(options));
}

TEST_CASE("loki: only an entry's age or size is hopeless", "[bulk]") {
  const auto format = make_format(options_of(BulkKind::loki));
  CHECK(format->read(make_response(204), 2).verdict == Verdict::all);
  CHECK(format->read(make_response(429, "Ingestion rate limit exceeded"), 2).verdict ==
        Verdict::busy);
  CHECK(format->read(make_response(400, "error parsing labels"), 2).verdict ==
        Verdict::bad_request);
  CHECK(format
            ->read(make_response(400,
                                 "entry for stream '{job=\"sorrel\"}' has timestamp too old: "
                                 "2020-01-01T00:00:00Z, oldest acceptable timestamp is: x"),
                   2)
            .verdict == Verdict::hopeless);
  CHECK(format
            ->read(make_response(400,
                                 "entry with timestamp x ignored, reason: 'entry too far "
                                 "behind, entry timestamp is: x'"),
                   2)
            .verdict == Verdict::hopeless);
}

TEST_CASE("splunk: each event in its envelope", "[bulk]") {
  HttpOptions options = options_of(BulkKind::splunk_hec);
  options.splunk.index = "audit";
  options.splunk.host = "web\"1";
  CHECK(two_events().body(*make_format(options)) ==
        R"({"time":1795737599.123,"host":"web\"1","source":"sorrel","sourcetype":"sorrel:json",)"
        R"("index":"audit","fields":{"event_uid":"0123456789abcdef0000000000000001"},)"
        R"("event":{"a":"x\"y"}})"
        "\n"
        R"({"time":1795737600.123,"host":"web\"1","source":"sorrel","sourcetype":"sorrel:json",)"
        R"("index":"audit","fields":{"event_uid":"0123456789abcdef0000000000000002"},)"
        R"("event":"type=A msg=\"b\\xff\"\nc"})"
        "\n");
}

TEST_CASE("splunk: its codes say more than the status", "[bulk]") {
  const auto format = make_format(options_of(BulkKind::splunk_hec));
  struct Row {
    std::uint16_t status;
    const char* body;
    Verdict verdict;
  };
  const Row rows[] = {
      {200, R"({"text":"Success","code":0})", Verdict::all},
      {200, R"({"text":"Success"})", Verdict::failed},
      {200, "<html>welcome</html>", Verdict::failed},
      {200, R"({"text":"Server is busy","code":9})", Verdict::busy},
      {400, R"({"text":"Invalid data format","code":6})", Verdict::bad_request},
      {400, R"({"text":"Event field cannot be blank","code":13})", Verdict::bad_request},
      {400, R"({"text":"Incorrect index","code":7})", Verdict::denied},
      {400, R"({"text":"Data channel is missing","code":10})", Verdict::denied},
      {400, R"({"text":"ACK is disabled","code":14})", Verdict::denied},
      {400, "bad gateway page", Verdict::bad_request},
      {401, R"({"text":"Token is required","code":2})", Verdict::denied},
      {403, R"({"text":"Invalid token","code":4})", Verdict::denied},
      {503, R"({"text":"Server is busy","code":9})", Verdict::busy},
      {503, R"({"text":"Server is shutting down","code":23})", Verdict::failed},
      {503, "no backend", Verdict::failed},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    CHECK(format->read(make_response(row.status, row.body), 3).verdict == row.verdict);
  }
  const char* suspect = R"({"text":"Invalid data format","code":6,"invalid-event-number":2})";
  CHECK(format->read(make_response(400, suspect), 3).suspect == std::size_t{2});
  CHECK_FALSE(format->read(make_response(400, suspect), 2).suspect);
}

TEST_CASE("splunk: with acknowledgements a 200 is only a promise", "[bulk]") {
  HttpOptions options = options_of(BulkKind::splunk_hec);
  options.splunk.has_acks = true;
  const auto format = make_format(options);
  const BulkAnswer answer =
      format->read(make_response(200, R"({"text":"Success","code":0,"ackId":7})"), 1);
  CHECK(answer.verdict == Verdict::pending);
  CHECK(answer.ack_id == 7);
  CHECK(format->read(make_response(200, R"({"text":"Success","code":0})"), 1).verdict ==
        Verdict::denied);

  const std::uint64_t ids[] = {1, 22, 333};
  CHECK(ack_question(ids) == R"({"acks":[1,22,333]})");
  const auto acks = read_acks(make_response(200, R"({"acks":{"1":true,"22":false,"333":true}})"));
  REQUIRE(acks);
  CHECK(*acks == std::vector<std::uint64_t>{1, 333});
  for (const char* body : {"", "{}", R"({"acks":[]})", R"({"acks":{"x":true}})",
                           R"({"acks":{"1x":true}})", R"({"acks":{"1":1}})"}) {
    CAPTURE(body);
    CHECK_FALSE(read_acks(make_response(200, body)));
  }
  CHECK_FALSE(read_acks(make_response(400, R"({"acks":{"1":true}})")));
}

// The fields of a message, as "NUMBER=BYTES|..." or "NUMBER:VALUE|...".
std::string_view field_of(std::string_view message, std::uint32_t number) {
  protobuf::Reader reader(message);
  while (reader.next()) {
    if (reader.is_bytes(number)) return reader.bytes();
  }
  REQUIRE(reader.is_good());
  return {};
}

TEST_CASE("otlp: a record an event, with time, severity, body and uid", "[bulk]") {
  HttpOptions options = options_of(BulkKind::otlp);
  options.labels = {{"host.name", "web1"}};
  const std::string body = two_events().body(*make_format(options));
  const std::string_view resource_logs = field_of(body, 1);
  CHECK(field_of(field_of(resource_logs, 1), 1) == "\x0a\x09host.name\x12\x06\x0a\x04web1");
  const std::string_view scope_logs = field_of(resource_logs, 2);
  CHECK(field_of(field_of(scope_logs, 1), 1) == "sorrel");
  std::vector<std::string> records;
  protobuf::Reader reader(scope_logs);
  while (reader.next()) {
    if (reader.is_bytes(2)) records.emplace_back(reader.bytes());
  }
  REQUIRE(reader.is_good());
  REQUIRE(records.size() == 2);
  using namespace std::string_literals;
  // time_unix_nano, little-endian; severity 9 INFO; the JSON; event_uid.
  CHECK(records[0] ==
        "\x09\xc0\x0a\x8a\x09\xd5\xbd\xeb\x18\x10\x09\x1a\x04INFO"s
        "\x2a\x0e\x0a\x0c{\"a\":\"x\\\"y\"}"s
        "\x32\x2f\x0a\x09"s
        "event_uid"s
        "\x12\x22\x0a\x20"s
        "0123456789abcdef0000000000000001"s);
  CHECK(field_of(field_of(records[1], 5), 1).empty());
  CHECK(field_of(field_of(records[1], 5), 7) == "type=A msg=\"b\xff\"\nc");
}

TEST_CASE("otlp: what was rejected is not forgotten", "[bulk]") {
  const auto format = make_format(options_of(BulkKind::otlp));
  const auto partial = [](std::uint64_t count, std::string_view message) {
    std::string inner;
    protobuf::append_number(inner, 1, count);
    protobuf::append_bytes(inner, 2, message);
    std::string outer;
    protobuf::append_bytes(outer, 1, inner);
    return outer;
  };
  CHECK(format->read(make_response(200, ""), 2).verdict == Verdict::all);
  CHECK(format->read(make_response(200, partial(0, "a warning")), 2).verdict == Verdict::all);
  const BulkAnswer answer = format->read(make_response(200, partial(1, "too old")), 2);
  CHECK(answer.verdict == Verdict::bad_request);
  CHECK(answer.reason == "1 of 2 records rejected: too old");
  CHECK(format->read(make_response(200, partial(3, "")), 2).verdict == Verdict::failed);
  for (const char* body : {"{}", "\x0a\x7f", "\x0a\x02\x08\xff", "\x07", "\xff\xff\xff\xff\xff"}) {
    CHECK(format->read(make_response(200, body), 2).verdict == Verdict::failed);
  }
}

TEST_CASE("an index has a name that the collector takes", "[bulk]") {
  for (const char* good : {"sorrel", "logs-sorrel-prod", "a.b_c%Y", "%Y-%m-%d", ".hidden"}) {
    CAPTURE(good);
    CHECK(IndexPattern::parse(good));
  }
  for (const char* bad : {"", "A", "-a", "_a", "+a", ".", "..", "a b", "a/b", "a*", "a\"b", "a%",
                          "a%H", "a:b", "\xc3\xa4"}) {
    CAPTURE(bad);
    CHECK_FALSE(IndexPattern::parse(bad));
  }
  CHECK_FALSE(IndexPattern::parse(std::string(250, 'a')));
}

TEST_CASE("a JSON string keeps valid UTF-8 and shows every other byte", "[bulk]") {
  const std::pair<const char*, const char*> rows[] = {
      {"", R"("")"},
      {"a\"\\\n\r\t\x01\x7f", "\"a\\\"\\\\\\n\\r\\t\\u0001\x7f\""},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
      {"\xc3", R"("\\xc3")"},
      {"\xc0\x80", R"("\\xc0\\x80")"},
      {"\xed\xa0\x80", R"("\\xed\\xa0\\x80")"},
      {"\xf4\x90\x80\x80", R"("\\xf4\\x90\\x80\\x80")"},
      {"\xe2\x82z", R"("\\xe2\\x82z")"},
      {"\xff", R"("\\xff")"},
  };
  for (const auto& [text, json] : rows) {
    std::string out;
    append_json_string(out, text);
    CHECK(out == json);
  }
}

}  // namespace
}  // namespace sorrel::sink
