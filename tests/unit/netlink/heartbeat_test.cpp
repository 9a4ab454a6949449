#include "netlink/heartbeat.h"

#include <string>

#include "catch.h"

using namespace sorrel;
using namespace sorrel::netlink;

namespace {

constexpr Nonce kNonce = 0x00ab'cdef'0123'4567;

std::string wire(std::string_view text, std::string_view head = "pid=100 uid=0") {
  return "audit(1700000000.123:4567): " + std::string(head) + " auid=4294967295 ses=4294967295 " +
         "msg='" + std::string(text) + "'";
}

}  // namespace

TEST_CASE("a heartbeat names its run and its number", "[netlink]") {
  CHECK(heartbeat_text(kNonce, 7) == "op=sorrel-heartbeat nonce=00abcdef01234567 seq=7");
}

TEST_CASE("two runs have different nonces", "[netlink]") {
  const auto one = random_nonce();
  const auto two = random_nonce();
  REQUIRE(one);
  REQUIRE(two);
  CHECK(*one != *two);
}

TEST_CASE("only our own heartbeat is recognised", "[netlink]") {
  struct Row {
    const char* what;
    std::uint16_t type;
    std::string payload;
    bool ours;
  };
  const std::string text = heartbeat_text(kNonce, 42);
  const Row rows[] = {
      {"plain", 1121, wire(text), true},
      {"with a context", 1121, wire(text, "pid=100 uid=0 subj=a b=c"), true},
      {"another type", 1120, wire(text), false},
      {"another process", 1121, wire(text, "pid=101 uid=0"), false},
      {"pid is a prefix", 1121, wire(text, "pid=10 uid=0"), false},
      {"another run", 1121, wire(heartbeat_text(kNonce + 1, 42)), false},
      {"something after it", 1121, wire(text + " op=hidden"), false},
      {"something before it", 1121, wire("x " + text), false},
      {"text within text", 1121, wire("x msg='" + text), false},
      {"no end", 1121, wire(text).substr(0, wire(text).size() - 1), false},
      {"no number", 1121, wire("op=sorrel-heartbeat nonce=00abcdef01234567 seq="), false},
      {"number too long", 1121,
       wire("op=sorrel-heartbeat nonce=00abcdef01234567 seq=99999999999999999999999"), false},
      {"short nonce", 1121, wire("op=sorrel-heartbeat nonce=abcdef01234567 seq=1"), false},
      {"long nonce", 1121, wire("op=sorrel-heartbeat nonce=000abcdef01234567 seq=1"), false},
      {"not an audit record", 1121, "pid=100 msg='" + text + "'", false},
      {"empty", 1121, "", false},
      {"only the stamp", 1121, "audit(1.0:1): ", false},
      {"only the pid", 1121, "audit(1.0:1): pid=", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const auto sequence = parse_heartbeat(row.type, row.payload, kNonce, 100);
    CHECK(sequence.has_value() == row.ours);
    if (row.ours) CHECK(sequence == 42);
  }
}

TEST_CASE("the watch keeps the newest heartbeat", "[netlink]") {
  HeartbeatWatch watch(kNonce, 100);
  CHECK(watch.last_seen() == 0);
  CHECK(watch.see(1121, wire(heartbeat_text(kNonce, 3))));
  CHECK(watch.see(1121, wire(heartbeat_text(kNonce, 2))));
  CHECK_FALSE(watch.see(1121, wire("op=other")));
  CHECK(watch.last_seen() == 3);
}

TEST_CASE("heartbeats are rare in calm and frequent in trouble", "[netlink]") {
  ManualClock clock;
  HeartbeatScheduler beat({.calm_ms = 30'000, .trouble_ms = 1'000, .overdue_ms = 10'000}, clock);
  REQUIRE(beat.due());
  CHECK(beat.next_check_ms() == 0);
  CHECK(beat.next_sequence() == 1);
  beat.sent();
  beat.seen(1);
  CHECK_FALSE(beat.due());
  CHECK(beat.next_check_ms() == 30'000);
  clock.advance_ms(29'999);
  CHECK_FALSE(beat.due());
  clock.advance_ms(1);
  CHECK(beat.due());
  beat.sent();
  beat.seen(2);

  beat.note_trouble();
  CHECK(beat.in_trouble());
  std::uint32_t sent = 0;
  while (beat.in_trouble()) {
    REQUIRE(sent < 100);
    clock.advance_ms(beat.next_check_ms());
    REQUIRE(beat.due());
    beat.sent();
    ++sent;
    beat.seen(2 + sent);
  }
  CHECK(sent == HeartbeatScheduler::kCalmBeats);
  CHECK(beat.next_check_ms() == 30'000);
}

TEST_CASE("trouble that lasts keeps the heart beating fast", "[netlink]") {
  ManualClock clock;
  HeartbeatScheduler beat({}, clock);
  for (std::uint64_t i = 1; i <= 50; ++i) {
    clock.advance_ms(1'000);
    beat.note_trouble();
    REQUIRE(beat.due());
    beat.sent();
    beat.seen(i);
  }
  CHECK(beat.in_trouble());
}

TEST_CASE("a heartbeat that does not come back is overdue until it is explained", "[netlink]") {
  ManualClock clock;
  HeartbeatScheduler beat({.calm_ms = 30'000, .trouble_ms = 1'000, .overdue_ms = 10'000}, clock);
  beat.sent();
  CHECK(beat.next_check_ms() == 10'000);
  clock.advance_ms(9'999);
  CHECK_FALSE(beat.overdue());
  clock.advance_ms(1);
  CHECK(beat.overdue());
  SECTION("it comes after all") {
    beat.seen(1);
    CHECK_FALSE(beat.overdue());
  }
  SECTION("it is excused") {
    beat.excuse();
    CHECK_FALSE(beat.overdue());
    beat.seen(1);
  }
  SECTION("sending more does not hide the missing one") {
    beat.note_trouble();
    beat.sent();
    CHECK(beat.overdue());
    beat.seen(2);
    CHECK_FALSE(beat.overdue());
  }
}

TEST_CASE("a newer heartbeat proves the older ones", "[netlink]") {
  ManualClock clock;
  HeartbeatScheduler beat({}, clock);
  beat.sent();
  beat.sent();
  beat.sent();
  beat.seen(3);
  beat.seen(1);
  clock.advance_ms(20'000);
  CHECK_FALSE(beat.overdue());
}

TEST_CASE("a number never sent proves nothing more", "[netlink]") {
  ManualClock clock;
  HeartbeatScheduler beat({}, clock);
  beat.sent();
  beat.seen(1000);
  beat.sent();
  clock.advance_ms(20'000);
  CHECK(beat.overdue());
}

TEST_CASE("heartbeats can be turned off", "[netlink]") {
  ManualClock clock;
  HeartbeatScheduler beat({.calm_ms = 0}, clock);
  CHECK_FALSE(beat.due());
  beat.note_trouble();
  clock.advance_ms(100'000);
  CHECK_FALSE(beat.due());
  CHECK(beat.next_check_ms() == UINT32_MAX);
}
