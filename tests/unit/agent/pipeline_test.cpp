// The way of an event through the whole pipeline, as calls.

#include "pipeline/pipeline.h"

#include <algorithm>
#include <string>

#include "catch.h"
#include "property/pipeline_run.h"
#include "property/strict_json.h"

namespace sorrel::agent {
namespace {

using test::CollectSink;
using test::decode;

constexpr std::uint64_t kMs = 1'000'000;

record::Datagram kernel(record::RecordType type, std::string_view payload,
                        std::uint64_t received_ns = 0) {
  record::Datagram datagram;
  datagram.type = type;
  datagram.payload = payload;
  datagram.received_ns = received_ns;
  return datagram;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("an event goes to each output in its format", "[pipeline]") {
  CollectSink json;
  CollectSink json_too;
  CollectSink raw;
  Pipeline pipeline({}, nullptr,
                    {{buffer::Format::json, &json},
                     {buffer::Format::raw, &raw},
                     {buffer::Format::json, &json_too}});
  pipeline.process({kernel(record::type::kCwd, "audit(1.000:1): cwd=\"/\""),
                    kernel(record::type::kEoe, "audit(1.000:1): ")});
  CHECK(json.text.empty());  // gathered, until enough or asked for
  pipeline.write_out();
  CHECK(contains(json.text, R"("CWD":{"cwd":"/"}})"));
  CHECK(json_too.text == json.text);
  CHECK(raw.text == "type=CWD msg=audit(1.000:1): cwd=\"/\"\n");
  CHECK(pipeline.counters().json_bytes.value() == json.text.size());
  CHECK(pipeline.counters().raw_bytes.value() == raw.text.size());
  pipeline.write_out();
  CHECK(json.writes == 1);
}

TEST_CASE("a frame's header tells what its bytes are", "[pipeline]") {
  class HeaderSink final : public sink::Sink {
   public:
    sink::Answer write(const buffer::FrameBatch& batch) override {
      headers.insert(headers.end(), batch.frames().begin(), batch.frames().end());
      text += batch.bytes();
      return sink::Answer::acknowledged;
    }
    std::vector<buffer::FrameHeader> headers;
    std::string text;
  };
  HeaderSink sink;
  Pipeline pipeline(test::stored_options(), nullptr, {{buffer::Format::json, &sink}});
  pipeline.process({kernel(record::type::kCwd, "audit(1626352163.720:1): cwd=\"/\"")});
  pipeline.finish();
  REQUIRE(sink.headers.size() == 1);
  const buffer::FrameHeader& header = sink.headers[0];
  CHECK(header.time_ns == 1'626'352'163'720 * kMs);
  CHECK(header.size_bytes == sink.text.size());
  CHECK(header.format == buffer::Format::json);
  char uid[33];
  std::snprintf(uid, sizeof uid, "%016llx%016llx",
                static_cast<unsigned long long>(header.event_uid[0]),
                static_cast<unsigned long long>(header.event_uid[1]));
  CHECK(contains(sink.text, "\"EVENT_UID\":\"" + std::string(uid) + '"'));
}

TEST_CASE("frames are written when enough have gathered, whatever they are", "[pipeline]") {
  for (const std::string& line :
       {std::string("type=CWD msg=audit(1.000:1): cwd=\"/\"\ntype=EOE msg=audit(1.000:1): \n"),
        std::string("no record, but kept\n")}) {
    for (const buffer::Format format : {buffer::Format::json, buffer::Format::raw}) {
      std::string text;
      while (text.size() < 2'000'000) text += line;
      CollectSink sink(false);
      Pipeline pipeline(test::stored_options(), nullptr, {{format, &sink}});
      input::TextSource source(std::make_unique<input::MemoryStream>(std::move(text)));
      input::Batch batch;
      test::pump(source, pipeline, batch);
      CHECK(sink.writes > 3);
      CHECK(sink.largest < 300'000);
    }
  }
}

TEST_CASE("our heartbeat is counted and not put out", "[pipeline]") {
  CollectSink json;
  Pipeline pipeline({}, nullptr, {{buffer::Format::json, &json}});
  pipeline.set_heartbeat_mark("sorrel-heartbeat-42");
  pipeline.process(
      {kernel(record::type::kTrustedApp, "audit(1.000:1): pid=1 msg='sorrel-heartbeat-42 n=1'"),
       kernel(record::type::kTrustedApp, "audit(1.000:2): pid=1 msg='sorrel-heartbeat-41 n=1'"),
       kernel(record::type::kUser, "audit(1.000:3): pid=1 msg='sorrel-heartbeat-42 n=1'")});
  pipeline.finish();
  CHECK(pipeline.counters().heartbeats.value() == 1);
  CHECK(json.frames == 2);
  CHECK(!contains(json.text, "\"ID\":\"1.000:1\""));
}

TEST_CASE("what is no record becomes an event of ours with its bytes", "[pipeline]") {
  const std::string out =
      decode("type=CWD msg=audit(1626352163.720:1): cwd=\"/\"\ngarbage\na b\n\xff\"\\\ntype=X\n",
             buffer::Format::json);
  for (const std::string& line : test::split_lines(out)) CHECK(test::StrictJson::fault(line) == "");
  CHECK(contains(out, R"("SORREL_UNPARSED":{"line":"garbage"}})"));
  CHECK(contains(out, R"("SORREL_UNPARSED":{"line":"a b"}})"));
  CHECK(contains(out, R"("SORREL_UNPARSED":{"line":"%ff\"\\"}})"));
  CHECK(contains(out, R"("SORREL_UNPARSED":{"line":"type=X"}})"));
  // Stamped with the newest record's time, each with a number of its own.
  CHECK(contains(out, R"({"ID":"1626352163.720:1","TIME":"2021-07-15T12:29:23.720Z")"));
  CHECK(contains(out, R"({"ID":"1626352163.720:4","TIME":"2021-07-15T12:29:23.720Z")"));
}

TEST_CASE("a loss is counted and told in the stream", "[pipeline]") {
  CollectSink json;
  CollectSink raw;
  Pipeline pipeline({}, nullptr, {{buffer::Format::json, &json}, {buffer::Format::raw, &raw}});
  pipeline.set_time(5 * kMs, 1'700'000'000'123 * kMs);
  pipeline.report_loss({.cause = event::LossCause::kernel,
                        .count = 7,
                        .since_ns = 1'699'999'999'000 * kMs,
                        .until_ns = 1'700'000'000'001 * kMs,
                        .detail = "a \"quoted\" word"});
  pipeline.write_out();
  CHECK(pipeline.counters().lost[static_cast<std::size_t>(event::LossCause::kernel)].value() == 7);
  CHECK(test::StrictJson::fault(json.text) == "");
  CHECK(contains(json.text, R"("ID":"1700000000.123:1")"));
  CHECK(contains(json.text, R"("SORREL_LOSS":{"cause":"kernel","count":)"));
  CHECK(contains(json.text, R"("detail":"a 'quoted' word")"));
  CHECK(
      raw.text.starts_with("type=SORREL_LOSS msg=audit(1700000000.123:1): cause=kernel count=7 "
                           "unit=records since=1699999999.000 until=1700000000.001 "));
}

TEST_CASE("a hole in the kernel's serials is reported once it cannot be late", "[pipeline]") {
  CollectSink json;
  PipelineOptions options;
  options.judge_holes = true;
  Pipeline pipeline(options, nullptr, {{buffer::Format::json, &json}});
  const std::uint64_t start = 1'700'000'000'000 * kMs;
  pipeline.set_time(0, start);
  pipeline.process({kernel(record::type::kCwd, "audit(1700000000.000:10): cwd=\"/\"", start),
                    kernel(record::type::kEoe, "audit(1700000000.000:10): ", start),
                    kernel(record::type::kCwd, "audit(1700000000.000:14): cwd=\"/\"", start),
                    kernel(record::type::kEoe, "audit(1700000000.000:14): ", start)});
  pipeline.release_due();
  pipeline.write_out();
  CHECK(!contains(json.text, "SORREL_LOSS"));
  pipeline.process({kernel(record::type::kCwd, "audit(1700000000.000:12): cwd=\"/\"", start)});
  pipeline.set_time(300 * kMs, start + 300 * kMs);
  pipeline.release_due();
  CHECK(pipeline.counters().lost[static_cast<std::size_t>(event::LossCause::serial_hole)].value() ==
        0);
  pipeline.set_time(3'000 * kMs, start + 3'000 * kMs);
  pipeline.release_due();
  pipeline.write_out();
  CHECK(contains(json.text, R"("cause":"serial_hole")"));
  CHECK(pipeline.counters().lost[static_cast<std::size_t>(event::LossCause::serial_hole)].value() ==
        2);
  const std::string before = json.text;
  pipeline.finish();
  CHECK(json.text == before);
}

TEST_CASE("a text log is not judged for holes", "[pipeline]") {
  const std::string out =
      decode("type=CWD msg=audit(1.000:1): cwd=\"/\"\ntype=CWD msg=audit(9.000:9): cwd=\"/\"\n",
             buffer::Format::json);
  CHECK(!contains(out, "SORREL_LOSS"));
}

TEST_CASE("a sink that fails for good is noticed", "[pipeline]") {
  CollectSink sink;
  sink.answer = sink::Answer::fatal;
  Pipeline pipeline({}, nullptr, {{buffer::Format::json, &sink}});
  pipeline.process({kernel(record::type::kCwd, "audit(1.000:1): cwd=\"/\"")});
  CHECK(!pipeline.sink_failed());
  pipeline.finish();
  CHECK(pipeline.sink_failed());
}

TEST_CASE("annotations reach the output", "[pipeline]") {
  class Labels final : public Annotator {
   public:
    void annotate(event::Event& event, Wait) override { event.annotate(0).plain("LABEL", "x"); }
  };
  Labels labels;
  CollectSink json;
  Pipeline pipeline({}, &labels, {{buffer::Format::json, &json}});
  pipeline.process({kernel(record::type::kCwd, "audit(1.000:1): cwd=\"/\"")});
  pipeline.finish();
  CHECK(contains(json.text, R"("CWD":{"cwd":"/","LABEL":"x"})"));
}

}  // namespace sorrel::agent
