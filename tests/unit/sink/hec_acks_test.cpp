#include "sink/hec_acks.h"

#include "http_sink_fixture.h"
#include "sink/http_credentials.h"
#include "sink/http_target.h"

namespace sorrel::sink {
namespace {

using namespace std::chrono_literals;

// A collector with acknowledgements: ids count up in each channel, and are confirmed as `is_safe`
// says.
struct HecFixture : HttpSinkFixture {
  HecFixture() {
    options.kind = BulkKind::splunk_hec;
    options.splunk.has_acks = true;
    options.splunk.ack_poll = 1ms;
    options.max_requests = 1;
    collector.answer = [this](const FakeRequest& request) { return serve(request); };
  }
  FakeReply serve(const FakeRequest& request) {
    if (!request.has("X-Splunk-Request-Channel: ")) {
      return reply(400, R"({"text":"Data channel is missing","code":10})");
    }
    if (!request.has("POST /services/collector/ack ")) {
      return reply(200, R"({"text":"Success","code":0,"ackId":)" + std::to_string(next_id++) + "}");
    }
    ++questions;
    std::string acks;
    for (std::uint64_t id = 0; id < next_id; ++id) {
      acks += (acks.empty() ? "\"" : ",\"") + std::to_string(id) +
              "\":" + (is_safe(id) ? "true" : "false");
    }
    return reply(200, "{\"acks\":{" + acks + "}}");
  }

  std::uint64_t next_id = 0;
  unsigned questions = 0;
  std::function<bool(std::uint64_t)> is_safe = [](std::uint64_t) { return true; };
};

TEST_CASE_METHOD(HecFixture, "splunk: an event is delivered when its indexer has confirmed it",
                 "[http]") {
  feed.add(30);
  is_safe = [this](std::uint64_t) {
    CHECK(feed.answers.empty());
    return questions > 3;
  };
  // The first question that is answered with yes is for all of them.
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(next_id == 3);
  CHECK(questions >= 4);
  CHECK(sink->counters().acknowledged.value() == 30);
}

TEST_CASE_METHOD(HecFixture, "splunk: what is not confirmed in time is sent again", "[http]") {
  feed.add(10);
  options.splunk.ack_timeout = 10ms;
  is_safe = [](std::uint64_t id) { return id > 0; };
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(sink->counters().unconfirmed.value() == 10);
}

TEST_CASE_METHOD(HecFixture, "splunk: a lost connection's events are sent again in a new channel",
                 "[http]") {
  feed.add(10);
  collector.answer = [this](const FakeRequest& request) {
    FakeReply given = serve(request);
    if (request.connection == 1 && questions == 1) given.is_reset = true;
    return given;
  };
  REQUIRE(run());
  CHECK(all_acknowledged());
  CHECK(collector.connections == 2);
  const auto channel = [this](std::size_t i) {
    const std::string& head = collector.requests[i].head;
    return head.substr(head.find("Channel: ") + 9, 36);
  };
  CHECK(channel(0) == channel(1));
  CHECK(channel(0) != channel(2));
}

TEST_CASE_METHOD(HecFixture, "splunk: a load balancer's cookie is sent back", "[http]") {
  feed.add(20);
  collector.answer = [this](const FakeRequest& request) {
    FakeReply given = serve(request);
    given.bytes.insert(given.bytes.find("\r\n") + 2, "Set-Cookie: node=b; Path=/\r\n");
    return given;
  };
  REQUIRE(run());
  CHECK_FALSE(collector.requests[0].has("Cookie: "));
  CHECK(collector.requests[1].has("Cookie: node=b\r\n"));
}

TEST_CASE("acknowledgements that wait are kept by their ids", "[http]") {
  HecAcks acks(1s, 10s);
  BulkBatch batch;
  batch.add("a\n");
  const auto parcel = [&] { return make_parcels(batch.batch, 100, 100).front(); };
  const HecAcks::Time now{};
  CHECK_FALSE(acks.next_question());
  CHECK_FALSE(acks.add(4, parcel(), now));
  CHECK_FALSE(acks.add(7, parcel(), now + 5s));
  CHECK(*acks.next_question() == now + 1s);
  CHECK(acks.ask(now + 2s) == std::vector<std::uint64_t>{4, 7});
  CHECK(*acks.next_question() == now + 3s);
  const std::uint64_t ids[] = {99, 7};
  CHECK(acks.confirm(ids).size() == 1);
  CHECK(acks.expire(now + 9s).empty());
  CHECK(acks.add(4, parcel(), now + 9s));  // the id came again: the older one is lost
  CHECK(acks.expire(now + 10s).empty());
  CHECK(acks.expire(now + 19s).size() == 1);
  CHECK(acks.is_empty());
}

TEST_CASE("what surrounds a request is made as its standard says", "[http]") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe") == "//4=");
  CHECK(ack_target("/services/collector/event") == "/services/collector/ack");
  CHECK(ack_target("/splunk/services/collector/event/1.0?x=/collector") ==
        "/splunk/services/collector/ack");
  CHECK(ack_target("/") == "/services/collector/ack");
  CHECK(host_of("logs.example:9200 (192.0.2.7)") == "logs.example:9200");
  CHECK(make_channel().size() == 36);
  CHECK(make_channel()[14] == '4');
  CHECK(make_channel() != make_channel());
}

}  // namespace
}  // namespace sorrel::sink
