#include "sink/relp_sink.h"

#include "sink/relp_frame.h"
#include "stream_sink_fixture.h"

namespace sorrel::sink {
namespace {

// A server that answers each message with `code`, while it `is_answering`.
struct RelpFixture : StreamSinkFixture {
  RelpFixture() {
    peer.on_write = [this](std::string_view bytes) { serve(bytes); };
    start<RelpSink>(options);
  }
  void serve(std::string_view bytes) {
    if (peer.received.back().size() == bytes.size()) in_.clear();  // a new connection
    in_ += bytes;
    for (;;) {
      const auto frame = parse_relp_frame(in_);
      SORREL_CHECK(frame.has_value(), "what is no RELP");
      if (!*frame) return;
      if ((*frame)->command != "syslog" || is_answering) {
        const bool is_message = (*frame)->command == "syslog";
        std::string answer;
        append_relp_frame((*frame)->number, "rsp", is_message ? says : "200 OK", answer);
        peer.say(answer);
      }
      in_.erase(0, (*frame)->size);
    }
  }

  RelpOptions options;
  bool is_answering = true;
  std::string says = "200 OK";

 private:
  std::string in_;
};

}  // namespace

TEST_CASE_METHOD(RelpFixture, "relp: events are delivered when the server says so",
                 "[relp][sink]") {
  feed.add(3);
  CHECK(run_until([&] { return feed.text() == "1+ 2+ 3+"; }));
  CHECK(has_sent(0, "1 open "));
}

TEST_CASE_METHOD(RelpFixture, "relp: an event that is refused goes to the dead letters",
                 "[relp][sink]") {
  says = "500 too long";
  feed.add(1);
  CHECK(run_until([&] { return feed.text() == "1:500 too long"; }));
  CHECK(sink->counters().rejected.value() == 1);
}

TEST_CASE_METHOD(RelpFixture, "relp: a dead peer is noticed before there is an event for it",
                 "[relp][sink]") {
  feed.add(1);
  REQUIRE(run_until([&] { return feed.text() == "1+"; }));
  SECTION("it closes in order") {
    peer.close();
  }
  SECTION("it breaks off") {
    peer.reset();
  }
  CHECK(run_until([&] { return has_sent(1, "1 open "); }));
  CHECK_FALSE(has_sent(1, "event"));
}

TEST_CASE_METHOD(RelpFixture, "relp: what was not answered is sent again over the next connection",
                 "[relp][sink]") {
  feed.add(1);
  REQUIRE(run_until([&] { return feed.text() == "1+"; }));
  is_answering = false;
  feed.add(2);
  REQUIRE(run_until([&] { return has_sent(0, "event 3"); }));
  is_answering = true;
  peer.reset();
  REQUIRE(run_until([&] { return feed.text() == "1+ 2+ 3+"; }));
  CHECK_FALSE(has_sent(1, "event 1"));
  CHECK(times(1, "event 2") + times(1, "event 3") == 2);
}

TEST_CASE_METHOD(RelpFixture, "relp: a server that says it closes is left at once",
                 "[relp][sink]") {
  REQUIRE(run_until([&] { return has_sent(0, "1 open "); }));
  run_for(std::chrono::milliseconds(20));
  peer.say("0 serverclose 0\n");
  CHECK(run_until([&] { return has_sent(1, "1 open "); }));
  CHECK(sink->counters().broken.value() == 0);
}

TEST_CASE_METHOD(RelpFixture, "relp: an endpoint is good from its first answer on",
                 "[relp][sink]") {
  REQUIRE(run_until([&] { return has_sent(0, "1 open "); }));
  run_for(std::chrono::milliseconds(20));
  CHECK(peer.reports.empty());
  feed.add(1);
  REQUIRE(run_until([&] { return feed.text() == "1+"; }));
  CHECK(peer.reports == "+");
  feed.add(1);
  REQUIRE(run_until([&] { return feed.text() == "1+ 2+"; }));
  peer.reset();
  REQUIRE(run_until([&] { return peer.received.size() == 2; }));
  CHECK(peer.reports == "+-");
}

TEST_CASE_METHOD(RelpFixture, "relp: a server that closes before its first answer is no good one",
                 "[relp][sink]") {
  REQUIRE(run_until([&] { return has_sent(0, "1 open "); }));
  run_for(std::chrono::milliseconds(20));
  peer.say("0 serverclose 0\n");
  REQUIRE(run_until([&] { return peer.received.size() == 2; }));
  CHECK(peer.reports == "-");
}

}  // namespace sorrel::sink
