#include "sink/syslog_sink.h"

#include "stream_sink_fixture.h"

namespace sorrel::sink {
namespace {

using std::chrono::milliseconds;

struct SyslogFixture : StreamSinkFixture {
  void run_with(milliseconds replay_time) {
    options.replay_time = replay_time;
    start<SyslogSink>(options);
  }
  SyslogOptions options;
};

}  // namespace

TEST_CASE_METHOD(SyslogFixture, "syslog: a peer that closes while all is quiet has no events",
                 "[syslog][sink]") {
  run_with(milliseconds(60));
  feed.add(3);
  REQUIRE(run_until([&] { return has_sent(0, "event 3"); }));
  peer.is_open = false;
  SECTION("in order") {
    peer.close();
  }
  SECTION("by a reset") {
    peer.reset();
  }
  run_for(milliseconds(200));
  CHECK(feed.text().empty());
  CHECK(sink->trouble() != "");
  peer.open();
  REQUIRE(run_until([&] { return has_sent(1, "event 3"); }));
  CHECK(has_sent(1, "event 1"));
}

TEST_CASE_METHOD(SyslogFixture, "syslog: a dead peer is noticed before there is an event for it",
                 "[syslog][sink]") {
  run_with(milliseconds(60'000));
  REQUIRE(run_until([&] { return peer.received.size() == 1; }));
  peer.reset();
  CHECK(run_until([&] { return peer.received.size() == 2; }));
  feed.add(1);
  CHECK(run_until([&] { return has_sent(1, "event 1"); }));
}

TEST_CASE_METHOD(SyslogFixture, "syslog: events are delivered when the replay time has passed",
                 "[syslog][sink]") {
  run_with(milliseconds(60));
  feed.add(2);
  REQUIRE(run_until([&] { return has_sent(0, "event 2"); }));
  CHECK(feed.text().empty());
  CHECK(run_until([&] { return feed.text() == "1+ 2+"; }));
}

TEST_CASE_METHOD(SyslogFixture, "syslog: events are delivered when enough was sent behind them",
                 "[syslog][sink]") {
  options.replay_bytes = 1;
  run_with(milliseconds(60'000));
  feed.add(3);
  CHECK(run_until([&] { return feed.text() == "1+ 2+"; }));
}

TEST_CASE_METHOD(SyslogFixture, "syslog: what has not reached the peer's host is not delivered",
                 "[syslog][sink]") {
  peer.unacknowledged_bytes = 1;  // of the last event
  run_with(milliseconds(40));
  feed.add(2);
  REQUIRE(run_until([&] { return feed.text() == "1+"; }));
  run_for(milliseconds(100));
  CHECK(feed.text() == "1+");
  peer.unacknowledged_bytes = 0;
  CHECK(run_until([&] { return feed.text() == "1+ 2+"; }));
}

TEST_CASE_METHOD(SyslogFixture, "syslog: a good-bye that is answered delivers all",
                 "[syslog][sink]") {
  run_with(milliseconds(60'000));
  feed.add(2);
  REQUIRE(run_until([&] { return has_sent(0, "event 2"); }));
  SECTION("the feed ends") {
    feed.stop();
    REQUIRE(run_until([&] { return has_ended; }));
    CHECK(feed.text() == "1+ 2+");
  }
  SECTION("it is not answered") {
    peer.answer_to_good_bye = fail(std::errc::connection_reset, "a reset");
    feed.stop();
    REQUIRE(run_until([&] { return has_ended; }));
    CHECK(feed.text().empty());
  }
  SECTION("the connection is due, and it is not answered") {
    peer.answer_to_good_bye = fail(std::errc::connection_reset, "a reset");
    peer.is_due = true;
    feed.add(1);
    REQUIRE(run_until([&] { return has_sent(1, "event 1"); }));
    CHECK(feed.text().empty());
  }
  SECTION("the connection is due") {
    peer.is_due = true;
    feed.add(1);
    REQUIRE(run_until([&] { return peer.received.size() == 2; }));
    CHECK(feed.text() == "1+ 2+ 3+");
  }
}

TEST_CASE_METHOD(SyslogFixture, "syslog: an endpoint is good once the replay time has passed",
                 "[syslog][sink]") {
  run_with(milliseconds(40));
  REQUIRE(run_until([&] { return peer.received.size() == 1; }));
  CHECK(peer.reports.empty());
  REQUIRE(run_until([&] { return peer.reports == "+"; }));
  feed.add(1);
  REQUIRE(run_until([&] { return feed.text() == "1+"; }));
  peer.reset();
  REQUIRE(run_until([&] { return peer.received.size() == 2; }));
  CHECK(peer.reports == "+-");
}

TEST_CASE_METHOD(SyslogFixture, "syslog: a connection begins slowly after a failure, and only then",
                 "[syslog][sink]") {
  constexpr std::size_t kEvents = 20;
  const std::string large(60u << 10, 'x');
  for (std::size_t i = 0; i < kEvents; ++i) feed.add_text(large);
  run_with(milliseconds(60'000));
  REQUIRE(run_until([&] { return times(0, large) == kEvents; }));
  peer.reset();
  REQUIRE(run_until([&] { return peer.received.size() == 2; }));
  run_for(milliseconds(200));
  CHECK(times(1, large) >= 4);
  CHECK(times(1, large) <= 7);
  CHECK(run_until([&] { return times(1, large) == kEvents; }));
}

TEST_CASE_METHOD(SyslogFixture, "syslog: an endpoint that breaks off at once is never good",
                 "[syslog][sink]") {
  peer.on_write = [this](std::string_view) { peer.reset(); };
  run_with(milliseconds(60'000));
  feed.add(1);
  REQUIRE(run_until([&] { return peer.received.size() == 4; }));
  CHECK(peer.reports == "---");
  CHECK(sink->trouble() != "");
}

}  // namespace sorrel::sink
