#include "event/serial_holes.h"

#include <algorithm>
#include <random>
#include <vector>

#include "catch.h"
#include "record/record_type.h"

using namespace sorrel;
using namespace sorrel::event;
using record::type::kSyscall;

namespace {

constexpr std::uint64_t kMs = 1'000'000;

// Feeds serials with a clock of its own; the stamp follows the clock.
struct Feed {
  SerialHoles holes;
  std::uint64_t now_ns = 1'000'000 * kMs;

  explicit Feed(const SerialHolesOptions& options = {}) : holes(options) {}

  void one(std::uint32_t serial, std::uint64_t age_ms = 0) {
    const std::uint64_t ms = now_ns / kMs - age_ms;
    holes.record(kSyscall,
                 {.seconds = ms / 1000,
                  .serial = serial,
                  .milliseconds = static_cast<std::uint16_t>(ms % 1000)},
                 now_ns);
  }
  void range(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t s = first; s != last + 1; ++s) one(s);
  }
  void wait_ms(std::uint64_t ms) {
    // In steps, as a timer would.
    for (std::uint64_t left = ms; left != 0;) {
      const std::uint64_t step = std::min<std::uint64_t>(left, 100);
      now_ns += step * kMs;
      left -= step;
      holes.advance(now_ns);
    }
  }
  std::vector<LossReport> reports() {
    std::vector<LossReport> all;
    while (auto report = holes.take_report()) all.push_back(std::move(*report));
    return all;
  }
};

}  // namespace

TEST_CASE("a dense sequence has no holes", "[event]") {
  Feed feed;
  feed.range(1000, 200'000);
  feed.wait_ms(10'000);
  CHECK(feed.reports().empty());
  CHECK(feed.holes.lost() == 0);
  CHECK(feed.holes.highest() == 200'000);
  CHECK(feed.holes.sequences() == 1);
}

TEST_CASE("a missing serial is reported after the timeout, with what and when", "[event]") {
  Feed feed;
  feed.range(1, 10);
  feed.wait_ms(1'000);
  const std::uint64_t before = feed.now_ns;
  feed.range(12, 13);
  feed.range(16, 20);
  const std::uint64_t after = feed.now_ns;
  feed.wait_ms(1'900);
  CHECK(feed.reports().empty());
  feed.wait_ms(600);
  const auto reports = feed.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].cause == LossCause::serial_hole);
  CHECK(reports[0].count == 3);
  CHECK(reports[0].detail == "serials 11..15");
  CHECK(reports[0].since_ns <= before);
  CHECK(reports[0].since_ns >= before - 1'000 * kMs);
  CHECK(reports[0].until_ns >= after);
  CHECK(reports[0].until_ns <= after + 300 * kMs);
  CHECK(feed.holes.lost() == 3);
  feed.wait_ms(10'000);
  CHECK(feed.reports().empty());
}

TEST_CASE("serials that come out of order within the timeout are no holes", "[event]") {
  Feed feed;
  std::vector<std::uint32_t> serials;
  for (std::uint32_t s = 1; s <= 20'000; ++s) serials.push_back(s);
  std::mt19937 random(7);
  for (std::size_t i = 0; i + 100 < serials.size(); i += 100) {
    std::shuffle(serials.begin() + static_cast<std::ptrdiff_t>(i),
                 serials.begin() + static_cast<std::ptrdiff_t>(i + 150), random);
  }
  feed.one(0);
  for (std::size_t i = 0; i < serials.size(); ++i) {
    feed.one(serials[i]);
    feed.one(serials[i / 2]);  // a second record of an older event
    if (i % 100 == 0) feed.wait_ms(100);
  }
  feed.wait_ms(5'000);
  CHECK(feed.reports().empty());
  CHECK(feed.holes.late() == 0);
}

TEST_CASE("an event that lasts longer than the timeout is no loss", "[event]") {
  Feed feed;
  feed.range(1, 5);
  for (std::uint32_t s = 6; s < 100; ++s) {
    feed.wait_ms(500);
    feed.one(s);
    feed.one(3, 5'000);  // its first record came in time
  }
  feed.wait_ms(5'000);
  CHECK(feed.reports().empty());
  CHECK(feed.holes.late() == 0);
  CHECK(feed.holes.sequences() == 1);
}

TEST_CASE("a serial that comes after it was judged lost is counted as late", "[event]") {
  Feed feed;
  feed.range(1, 10);
  feed.range(12, 20);
  feed.wait_ms(5'000);
  CHECK(feed.reports().size() == 1);
  feed.one(11, 5'000);
  feed.one(21);
  feed.one(11, 5'000);  // once
  CHECK(feed.holes.late() == 1);
  CHECK(feed.holes.lost() == 1);
}

TEST_CASE("records of other counters are passed over", "[event]") {
  Feed feed;
  feed.range(1, 10);
  const auto type =
      GENERATE(as<record::RecordType>{}, record::type::kDaemonStart, record::type::kLastDaemon,
               record::type::kSorrelLoss, record::type::kUnknownName);
  feed.holes.record(type, {.seconds = 1, .serial = 5'000}, feed.now_ns);
  feed.range(11, 20);
  feed.wait_ms(5'000);
  CHECK(feed.reports().empty());
  CHECK(feed.holes.highest() == 20);
}

TEST_CASE("what precedes the first record is not ours", "[event]") {
  Feed feed;
  feed.one(1'000);
  feed.one(998);
  feed.one(999);
  feed.one(1'001);
  feed.wait_ms(5'000);
  feed.one(990, 6'000);
  feed.wait_ms(5'000);
  CHECK(feed.reports().empty());
  CHECK(feed.holes.late() == 0);
}

TEST_CASE("the serial wraps at 32 bits without a loss", "[event]") {
  Feed feed;
  const std::uint32_t missing = GENERATE(0u, 5u, 0xfffffffeu, 0xffffffffu);
  for (std::uint32_t s = 0xfffffc00u; s != 2'000; ++s) {
    if (s != missing) feed.one(s);
    if (s % 64 == 0) feed.wait_ms(100);
  }
  feed.wait_ms(5'000);
  const auto reports = feed.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].count == 1);
  CHECK(feed.holes.highest() == 1'999);
  CHECK(feed.holes.sequences() == 1);
}

TEST_CASE("a gap beyond the window is counted exactly", "[event]") {
  Feed feed({.timeout_ms = 2'000, .window = 1'024});
  const std::uint32_t gap = GENERATE(1u, 1'000u, 1'023u, 1'024u, 1'025u, 5'000u, 1u << 25);
  feed.range(1, 100);
  feed.one(101 + gap);
  feed.range(102 + gap, 200 + gap);
  feed.wait_ms(5'000);
  std::uint64_t count = 0;
  for (const auto& report : feed.reports()) count += report.count;
  CHECK(count == gap);
  CHECK(feed.holes.lost() == gap);
}

TEST_CASE("more events than the window holds within the timeout lose nothing", "[event]") {
  Feed feed({.timeout_ms = 2'000, .window = 1'024});
  for (std::uint32_t s = 0; s < 50'000; s += 2) {  // no time passes
    feed.one(s + 1);
    feed.one(s);
  }
  feed.wait_ms(5'000);
  CHECK(feed.reports().empty());
  CHECK(feed.holes.lost() == 0);
}

TEST_CASE("random losses in random order are all found and nothing else is", "[event]") {
  const auto seed = GENERATE(1u, 2u, 3u, 4u, 5u);
  CAPTURE(seed);
  std::mt19937 random(seed);
  Feed feed({.timeout_ms = 2'000, .window = 4'096});
  const auto first = static_cast<std::uint32_t>(random());
  std::vector<std::uint32_t> sent;
  std::uint64_t dropped = 0;
  for (std::uint32_t i = 1; i < 100'000; ++i) {
    if (i < 99'000 && random() % 50 == 0) {
      ++dropped;
    } else {
      sent.push_back(first + i);
    }
  }
  for (std::size_t i = 0; i + 40 < sent.size(); i += 20) {
    std::shuffle(sent.begin() + static_cast<std::ptrdiff_t>(i),
                 sent.begin() + static_cast<std::ptrdiff_t>(i + 40), random);
  }
  feed.one(first);
  std::uint64_t reported = 0;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    feed.one(sent[i]);
    if (i % 37 == 0) feed.wait_ms(random() % 200);
    for (const auto& report : feed.reports()) reported += report.count;
  }
  feed.wait_ms(5'000);
  for (const auto& report : feed.reports()) reported += report.count;
  CHECK(reported == dropped);
  CHECK(feed.holes.lost() == dropped);
  CHECK(feed.holes.late() == 0);
}

TEST_CASE("what lies between two runs is lost with cause restart", "[event]") {
  Feed feed;
  const std::uint64_t last_run_ns = feed.now_ns - 60'000 * kMs;
  feed.holes.continue_after(500, last_run_ns);
  const std::uint64_t first_ns = feed.now_ns;
  feed.one(611);
  feed.one(610);  // interleaved with the first
  feed.range(612, 700);
  feed.range(702, 800);
  feed.wait_ms(5'000);
  const auto reports = feed.reports();
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].cause == LossCause::restart);
  CHECK(reports[0].count == 109);
  CHECK(reports[0].detail == "serials 501..609");
  CHECK(reports[0].since_ns == last_run_ns);
  CHECK(reports[0].until_ns == first_ns);
  CHECK(reports[1].cause == LossCause::serial_hole);
  CHECK(reports[1].count == 1);
}

TEST_CASE("a restart without a gap is no loss", "[event]") {
  Feed feed;
  feed.holes.continue_after(500, feed.now_ns);
  SECTION("the next serial") {
    feed.range(501, 600);
  }
  SECTION("a straggler of the previous run first") {
    feed.one(498);
    feed.range(501, 600);
  }
  SECTION("over the wrap") {
    feed.holes.continue_after(0xffffffffu, feed.now_ns);
    feed.range(0, 100);
  }
  feed.wait_ms(5'000);
  CHECK(feed.reports().empty());
}

TEST_CASE("a straggler of the previous run does not hide the gap", "[event]") {
  Feed feed;
  feed.holes.continue_after(500, feed.now_ns);
  feed.one(498);
  feed.one(500);
  feed.range(511, 600);
  feed.wait_ms(5'000);
  const auto reports = feed.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].cause == LossCause::restart);
  CHECK(reports[0].count == 10);
}

TEST_CASE("a long absence is counted exactly, whatever the window", "[event]") {
  Feed feed({.timeout_ms = 2'000, .window = 1'024});
  feed.holes.continue_after(1'000, feed.now_ns);
  feed.range(200'001'001, 200'002'000);
  feed.wait_ms(5'000);
  const auto reports = feed.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].cause == LossCause::restart);
  CHECK(reports[0].count == 200'000'000);
}

TEST_CASE("a recording that spans a reboot has two sequences and no loss between", "[event]") {
  const std::uint32_t end_of_first = GENERATE(3'000u, 2'000'000u);
  const std::uint32_t start_of_second = GENERATE(1u, 57u);
  CAPTURE(end_of_first, start_of_second);
  Feed feed;
  feed.range(end_of_first - 2'000, end_of_first - 1'001);
  feed.range(end_of_first - 999, end_of_first);  // one hole
  feed.wait_ms(30'000);
  CHECK(feed.reports().size() == 1);
  feed.range(start_of_second, start_of_second + 99);
  feed.range(start_of_second + 105, start_of_second + 900);  // five more
  feed.wait_ms(5'000);
  const auto reports = feed.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].count == 5);
  CHECK(feed.holes.sequences() == 2);
  CHECK(feed.holes.late() == 0);
  CHECK(feed.holes.highest() == start_of_second + 900);
}

TEST_CASE("after a reboot with a clock in the past a far jump back still counts", "[event]") {
  Feed feed;
  feed.range(1'000'000, 1'000'100);
  feed.wait_ms(5'000);
  for (std::uint32_t s = 1; s < 50; ++s) feed.one(s, 900'000);
  feed.range(50, 100);
  feed.wait_ms(5'000);
  CHECK(feed.reports().empty());
  CHECK(feed.holes.sequences() == 2);
}

TEST_CASE("held records that arrive late in a row are no new sequence", "[event]") {
  // With audit=1 the kernel may deliver its hold queue after newer records.
  Feed feed;
  feed.range(1, 100);
  feed.range(200, 201);
  feed.wait_ms(5'000);
  CHECK(feed.reports().size() == 1);
  for (std::uint32_t s = 101; s < 200; ++s) feed.one(s, 5'100);
  feed.range(202, 300);
  feed.wait_ms(5'000);
  CHECK(feed.reports().empty());
  CHECK(feed.holes.sequences() == 1);
  CHECK(feed.holes.late() == 99);
}

TEST_CASE("a single serial far off changes nothing", "[event]") {
  Feed feed;
  feed.range(1'000'000, 1'000'100);
  feed.one(3, 100'000);
  feed.one(0xc0000000u);
  feed.range(1'000'101, 1'000'200);
  feed.wait_ms(5'000);
  CHECK(feed.reports().empty());
  CHECK(feed.holes.highest() == 1'000'200);
  CHECK(feed.holes.sequences() == 1);
}

TEST_CASE("the end of the input judges what still waits", "[event]") {
  Feed feed;
  feed.range(1, 10);
  feed.range(15, 20);
  feed.holes.finish(feed.now_ns);
  const auto reports = feed.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].count == 4);
  feed.holes.finish(feed.now_ns);
  CHECK(feed.reports().empty());
}

TEST_CASE("a clock that is set back delays the judgement but loses none", "[event]") {
  Feed feed;
  feed.range(1, 10);
  feed.range(12, 20);
  feed.wait_ms(500);
  feed.now_ns -= 500'000 * kMs;
  feed.holes.advance(feed.now_ns);
  feed.wait_ms(2'600);
  const auto reports = feed.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].count == 1);
  CHECK(reports[0].since_ns <= reports[0].until_ns);
}

TEST_CASE("without records there is nothing to say", "[event]") {
  SerialHoles holes;
  holes.advance(1);
  holes.finish(2);
  CHECK_FALSE(holes.take_report());
  CHECK_FALSE(holes.highest());
}

TEST_CASE("causes have stable names and units", "[event]") {
  CHECK(loss_cause_name(LossCause::kernel) == "kernel");
  CHECK(loss_cause_name(LossCause::serial_hole) == "serial_hole");
  CHECK(loss_cause_name(LossCause::socket) == "socket");
  CHECK(loss_cause_name(LossCause::restart) == "restart");
  CHECK(loss_cause_name(LossCause::ring) == "ring");
  CHECK(loss_cause_name(LossCause::size) == "size");
  CHECK(loss_cause_name(LossCause::evicted) == "evicted");
  CHECK(loss_cause_name(LossCause::decode) == "decode");
  CHECK(loss_cause_name(static_cast<LossCause>(kLossCauses)) == "unknown");
  CHECK(loss_unit(LossCause::serial_hole) == LossUnit::events);
  CHECK(loss_unit(LossCause::kernel) == LossUnit::records);
}
