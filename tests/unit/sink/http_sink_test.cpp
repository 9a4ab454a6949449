#include "sink/http_sink.h"

#include <zlib.h>

#include <fstream>

#include "http_sink_fixture.h"

namespace sorrel::sink {
namespace {

using namespace std::chrono_literals;

TEST_CASE_METHOD(HttpSinkFixture, "events are posted on one connection and acknowledged",
                 "[http]") {
  feed.add(30);
  options.max_requests = 1;
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(collector.connections == 1);
  CHECK(collector.requests.size() == 3);
  CHECK(collector.requests[0].has("POST / HTTP/1.1\r\nHost: logs.example:443\r\n"));
  CHECK(collector.requests[0].has("Content-Type: application/x-ndjson\r\n"));
  CHECK(collector.requests[0].body.substr(0, 16) == "{\"n\":1}\n{\"n\":2}\n");
  CHECK(collector.reports == std::vector<std::string>{"logs.example:443 (192.0.2.7) good"});
  CHECK(collector.open_connections == 0);
  CHECK(sink->counters().requests.value() == 3);
  CHECK(sink->trouble().empty());
}

TEST_CASE_METHOD(HttpSinkFixture, "several requests are under way at a time when answers are good",
                 "[http]") {
  feed.add(400);
  options.max_requests = 4;
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(collector.requests.size() == 40);
  CHECK(collector.most_connections > 1);
  CHECK(collector.most_connections <= 4);
}

TEST_CASE_METHOD(HttpSinkFixture, "a 429 is obeyed, and nothing is lost in a storm of them",
                 "[http]") {
  feed.add(200);
  unsigned count = 0;
  collector.answer = [&count](const FakeRequest&) {
    return ++count % 5 == 0 ? reply(200) : reply(429, "slow down", "Retry-After: 0\r\n");
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(sink->counters().busy.value() >= 70);
}

TEST_CASE_METHOD(HttpSinkFixture, "a collector that fails is left and tried again", "[http]") {
  feed.add(20);
  options.max_requests = 1;
  collector.peers = {"a:1", "b:2"};
  unsigned count = 0;
  collector.answer = [&count](const FakeRequest&) {
    return ++count <= 3 ? reply(503) : reply(200);
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(collector.connections == 4);
  CHECK(collector.reports == std::vector<std::string>{"a:1 bad", "b:2 bad", "a:1 bad", "b:2 good"});
}

TEST_CASE_METHOD(HttpSinkFixture, "a connection that breaks loses nothing", "[http]") {
  feed.add(50);
  unsigned count = 0;
  collector.connect_failures = 3;
  collector.answer = [&count](const FakeRequest&) {
    FakeReply given = reply(200);
    switch (++count % 4) {
      case 1:
        given.is_reset = true;
        break;  // no answer at all
      case 2:
        given.bytes.resize(20);
        given.is_last = true;
        break;  // half of it
      case 3:
        given.bytes = "\x15\x03\x03 no HTTP\n";
        break;
      default:
        break;
    }
    return given;
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  // Three connections that could not be made, and three failures for each of the five requests;
  // four of these came on a connection that had served before, which may just have been idle.
  CHECK(sink->counters().failed.value() == 14);
}

TEST_CASE_METHOD(HttpSinkFixture, "a connection that was closed while idle is not a failure",
                 "[http]") {
  feed.add(30);
  options.max_requests = 1;
  collector.answer = [](const FakeRequest&) {
    FakeReply given = reply(200);
    given.is_last = true;  // without saying so
    return given;
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(collector.connections == 3);
  CHECK(sink->counters().failed.value() == 0);
  for (const std::string& said : collector.reports) CHECK(said.find("bad") == std::string::npos);
}

TEST_CASE_METHOD(HttpSinkFixture, "a silent collector is given up after the timeout", "[http]") {
  feed.add(5);
  options.timeout = 5ms;
  bool is_silent = true;
  collector.answer = [&is_silent](const FakeRequest&) {
    if (!is_silent) return reply(200);
    is_silent = false;
    return FakeReply{};
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(collector.connections == 2);
}

TEST_CASE_METHOD(HttpSinkFixture, "silence on a connection that has served is a failure, too",
                 "[http]") {
  feed.add(30);
  options.timeout = 5ms;
  options.max_requests = 1;
  unsigned count = 0;
  collector.answer = [&count](const FakeRequest&) {
    return ++count == 2 ? FakeReply{} : reply(200);
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(sink->counters().failed.value() == 1);
  CHECK(sink->counters().retried.value() == 10);
}

TEST_CASE_METHOD(HttpSinkFixture, "a wrong password keeps everything, and says so", "[http]") {
  feed.add(25);
  unsigned count = 0;
  collector.answer = [&](const FakeRequest&) {
    if (++count < 10) return reply(401, "who are you?");
    return reply(200);
  };
  std::string trouble;
  start();
  while (count < 9 && context.run_one_for(5s) != 0) {
    if (!sink->trouble().empty()) trouble = sink->trouble();
  }
  CHECK(feed.answers.empty());
  CHECK(trouble == "logs.example:443 (192.0.2.7): 401: who are you?");
  context.run_for(20s);
  REQUIRE(is_done);
  CHECK(all_acknowledged());
  CHECK(sink->counters().denied.value() == 9);
  CHECK(sink->trouble().empty());
}

TEST_CASE_METHOD(HttpSinkFixture, "a poisoned event is found, the rest of its request arrives",
                 "[http]") {
  feed.add(100);
  feed.per_take = 100;
  collector.answer = [](const FakeRequest& request) {
    const bool has_it = request.body.find("\"n\":77}") != std::string::npos;
    return has_it ? reply(400, "cannot parse") : reply(200);
  };
  REQUIRE(run());
  CHECK(feed.answers.size() == 100);
  CHECK(feed.answers.at(77) == "400: cannot parse");
  CHECK(sink->counters().acknowledged.value() == 99);
  CHECK(sink->counters().rejected.value() == 1);
}

TEST_CASE_METHOD(HttpSinkFixture, "a refused event that fills the window does not stop the others",
                 "[http]") {
  feed.add(30);
  feed.per_take = 1;
  options.in_flight_bytes = 100;
  const bool is_too_large = GENERATE(true, false);
  for (std::size_t i = 0; i < 3; ++i) feed.texts[i] = "{\"x\":\"" + std::string(500, 'x') + "\"}\n";
  collector.answer = [is_too_large](const FakeRequest& request) {
    const bool is_bad = request.body.find("xxx") != std::string::npos;
    return reply(!is_bad ? 200 : is_too_large ? 413 : 400);
  };
  REQUIRE(run());
  CHECK(feed.answers.size() == 30);
  CHECK(sink->counters().rejected.value() == 3);
  CHECK(sink->counters().acknowledged.value() == 27);
}

TEST_CASE_METHOD(HttpSinkFixture, "an answer that comes before the request was read is heard",
                 "[http]") {
  feed.add(100);
  feed.per_take = 100;
  collector.max_body_bytes = 200;
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(sink->counters().failed.value() == 0);
  CHECK(sink->counters().split.value() > 0);
  for (const FakeRequest& request : collector.requests) CHECK(request.body.size() <= 200);
}

TEST_CASE_METHOD(HttpSinkFixture, "items that are busy are asked again, and not at once",
                 "[http]") {
  options.kind = BulkKind::elasticsearch;
  feed.add(3);
  unsigned count = 0;
  collector.answer = [&count](const FakeRequest& request) {
    if (++count > 3) return reply(200, R"({"errors":false})");
    const bool is_first = request.body.find("\"n\":1}") != std::string::npos;
    return is_first ? reply(200, R"({"errors":true,"items":[{"create":{"status":201}},)"
                                 R"({"create":{"status":429}},{"create":{"status":429}}]})")
                    : reply(200, R"({"errors":true,"items":[{"create":{"status":429}},)"
                                 R"({"create":{"status":429}}]})");
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(count == 4);
  CHECK(sink->counters().busy.value() == 3);
  CHECK(collector.requests[0].has(
      "POST /_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason "));
}

std::string gunzip(const std::string& bytes) {
  z_stream stream{};
  REQUIRE(::inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string in = bytes;
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = ::inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  REQUIRE(ended == Z_STREAM_END);
  return out;
}

TEST_CASE_METHOD(HttpSinkFixture, "bodies are compressed where the collector takes it", "[http]") {
  feed.add(20);
  options.compression = Compression::gzip;
  REQUIRE(run());
  CHECK(all_acknowledged());
  std::string plain;
  for (const FakeRequest& request : collector.requests) {
    CHECK(request.has("Content-Encoding: gzip\r\n"));
    plain += gunzip(request.body);
  }
  std::string expected;
  for (const std::string& text : feed.texts) expected += text;
  CHECK(plain == expected);
}

TEST_CASE_METHOD(HttpSinkFixture, "a collector that cannot decompress loses nothing", "[http]") {
  feed.add(30);
  options.compression = GENERATE(Compression::gzip, Compression::zstd);
  const unsigned status = GENERATE(400u, 415u);
  options.max_requests = 1;
  collector.answer = [status](const FakeRequest& request) {
    return request.has("Content-Encoding") ? reply(status, "Illegal character CTRL-CHAR 31")
                                           : reply(200);
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(collector.requests.size() == 4);
}

TEST_CASE_METHOD(HttpSinkFixture, "what proves us is read from files for every request", "[http]") {
  const sorrel::test::TempFolder folder;
  const std::string file = folder / "token";
  std::ofstream(file) << "secret-1\n";
  feed.add(20);
  options.max_requests = 1;
  options.auth.token_file = file;
  options.auth.headers = {{"X-Scope-OrgID", "audit"}};
  collector.answer = [&file](const FakeRequest& request) {
    if (request.has("secret-1")) std::ofstream(file) << "secret-2\n";
    return request.has("X-Scope-OrgID: audit\r\n") ? reply(200) : reply(401);
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  REQUIRE(collector.requests.size() == 2);
  CHECK(collector.requests[0].has("Authorization: Bearer secret-1\r\n"));
  CHECK(collector.requests[1].has("Authorization: Bearer secret-2\r\n"));
}

TEST_CASE_METHOD(HttpSinkFixture, "a secret that cannot be read keeps everything", "[http]") {
  const sorrel::test::TempFolder folder;
  feed.add(5);
  options.auth.user = "agent";
  options.auth.password_file = folder / "password";
  start();
  while (sink->counters().denied.value() < 3 && context.run_one_for(5s) != 0) continue;
  CHECK(sink->trouble().find("cannot read the secret in ") != std::string::npos);
  CHECK(feed.answers.empty());
  std::ofstream(options.auth.password_file) << "pass\n";
  context.run_for(20s);
  REQUIRE(is_done);
  CHECK(all_acknowledged());
  CHECK(collector.requests.back().has("Authorization: Basic YWdlbnQ6cGFzcw==\r\n"));
}

TEST_CASE_METHOD(HttpSinkFixture, "a connection that is due is closed and replaced", "[http]") {
  feed.add(50);
  options.max_requests = 1;
  collector.are_due = true;
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(collector.connections == 5);
}

TEST_CASE_METHOD(HttpSinkFixture, "whoever answers is named, and nobody once the connection went",
                 "[http]") {
  feed.add(20);
  options.max_requests = 1;
  collector.peers = {"a:1", "b:2"};
  std::vector<std::string> named;
  unsigned count = 0;
  collector.answer = [&](const FakeRequest&) {
    named.push_back(sink->peer());
    return ++count == 2 ? reply(503) : reply(200);
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  // The second answer is of no use, and ends the connection to the first.
  CHECK(named == std::vector<std::string>{"", "a:1", ""});
  CHECK(sink->peer().empty());
}

TEST_CASE_METHOD(HttpSinkFixture, "stop ends a sink that waits, answers nothing more", "[http]") {
  feed.add(50);
  SECTION("for an answer") {
    collector.answer = [](const FakeRequest&) { return FakeReply{}; };
  }
  SECTION("for a connection") {
    collector.is_refusing = true;
  }
  SECTION("in a pause") {
    options.retry_min = options.retry_max = 1h;
    collector.answer = [](const FakeRequest&) { return reply(429); };
  }
  start();
  context.run_for(20ms);
  REQUIRE_FALSE(is_done);
  sink->stop();
  context.run_for(20s);
  CHECK(is_done);
  CHECK(feed.answers.empty());
  CHECK(collector.open_connections == 0);
}

TEST_CASE_METHOD(HttpSinkFixture, "no more is taken than may be under way", "[http]") {
  feed.add(1'000);
  options.in_flight_bytes = 400;
  collector.answer = [](const FakeRequest&) { return FakeReply{}; };
  start();
  context.run_for(20ms);
  CHECK(feed.next <= 60);
  sink->stop();
  context.run_for(20s);
  CHECK(is_done);
}

TEST_CASE("options that cannot be are refused", "[http]") {
  boost::asio::io_context context;
  BatchFeed feed;
  FakeCollector collector(context.get_executor(), nullptr);
  const SystemClock clock;
  HttpOptions options;
  SECTION("path") {
    options.path = "logs";
  }
  SECTION("blank") {
    options.path = "/a b";
  }
  SECTION("header") {
    options.auth.headers = {{"A", "b\r\nC: d"}};
  }
  SECTION("index") {
    options.index = "Upper";
  }
  CHECK_FALSE(HttpSink::create("central", options, context.get_executor(), feed, collector, clock));
}

}  // namespace
}  // namespace sorrel::sink
