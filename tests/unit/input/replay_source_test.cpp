#include "input/replay_source.h"

#include <limits>

#include "catch.h"
#include "input/audrec_source.h"
#include "input/audrec_writer.h"
#include "input/memory_stream.h"
#include "input/text_source.h"
#include "support.h"

namespace sorrel::input {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

std::string line_at(std::string_view stamp) {
  return "type=EOE msg=audit(" + std::string(stamp) + ":1): \n";
}

std::unique_ptr<Source> text(std::string content) {
  return std::make_unique<TextSource>(std::make_unique<MemoryStream>(std::move(content)));
}

// Reads once and tells the state and how many datagrams came.
std::pair<ReadState, std::size_t> step(Source& source) {
  Batch batch;
  auto state = source.read(batch);
  REQUIRE(state);
  return {*state, batch.size()};
}

using Step = std::pair<ReadState, std::size_t>;

TEST_CASE("a text log is paced by its stamps", "[replay_source]") {
  ManualClock clock;
  clock.advance_ms(5'000);
  ReplaySource source(text(line_at("100.000") + line_at("100.000") + line_at("100.250") +
                           line_at("101.000") + line_at("101.000")),
                      clock);
  CHECK(step(source) == Step{ReadState::more, 2});
  CHECK(step(source) == Step{ReadState::idle, 0});
  CHECK(source.next_ready_ns() == 5'250 * kMs);
  CHECK(source.wait_fd() == -1);
  clock.advance_ms(249);
  CHECK(step(source) == Step{ReadState::idle, 0});
  clock.advance_ms(1);
  CHECK(step(source) == Step{ReadState::more, 1});
  CHECK(step(source) == Step{ReadState::idle, 0});
  CHECK(source.next_ready_ns() == 6'000 * kMs);
  // A caller that comes late gets all that is due.
  clock.advance_ms(100'000);
  CHECK(step(source) == Step{ReadState::more, 2});
  CHECK(step(source) == Step{ReadState::ended, 0});
  CHECK(step(source) == Step{ReadState::ended, 0});
}

TEST_CASE("a recording is paced by the times of receipt", "[replay_source]") {
  ManualClock clock;
  std::string bytes(kAudrecMagic);
  // The stamps tell something else.
  append_audrec(bytes, {.type = 1300, .received_ns = 7'000'000'123}, "audit(1.000:1): ");
  append_audrec(bytes, {.type = 1320, .received_ns = 7'003'000'123}, "audit(99.000:1): ");
  ReplaySource source(
      std::make_unique<AudrecSource>(std::make_unique<MemoryStream>(std::move(bytes))), clock);
  CHECK(step(source) == Step{ReadState::more, 1});
  CHECK(step(source) == Step{ReadState::idle, 0});
  CHECK(source.next_ready_ns() == 3 * kMs);
  clock.advance_ms(3);
  CHECK(step(source) == Step{ReadState::more, 1});
}

TEST_CASE("what has no stamp, or an earlier one, waits for nothing", "[replay_source]") {
  ManualClock clock;
  ReplaySource source(text("no record\n" + line_at("100.000") + line_at("99.000") + "no record\n" +
                           line_at("100.010") + line_at("100.005") + "no record\n"),
                      clock);
  CHECK(step(source) == Step{ReadState::more, 4});
  clock.advance_ms(10);
  CHECK(step(source) == Step{ReadState::more, 3});
  CHECK(step(source) == Step{ReadState::ended, 0});
}

TEST_CASE("times at the end of the range do not overflow", "[replay_source]") {
  ManualClock clock;
  clock.advance_ms(1000);
  std::string bytes(kAudrecMagic);
  append_audrec(bytes, {.type = 1300, .received_ns = 1}, "a");
  append_audrec(bytes, {.type = 1300, .received_ns = std::numeric_limits<std::uint64_t>::max()},
                "b");
  ReplaySource source(
      std::make_unique<AudrecSource>(std::make_unique<MemoryStream>(std::move(bytes))), clock);
  CHECK(step(source) == Step{ReadState::more, 1});
  CHECK(step(source) == Step{ReadState::idle, 0});
  CHECK(source.next_ready_ns() > clock.monotonic_ns());
}

TEST_CASE("an error of the inner source comes after all that it gave", "[replay_source]") {
  ManualClock clock;
  std::string bytes(kAudrecMagic);
  append_audrec(bytes, {.type = 1300, .received_ns = 1 * kMs}, "a");
  append_audrec(bytes, {.type = 1300, .received_ns = 2 * kMs}, "b");
  bytes += "cut";
  ReplaySource source(
      std::make_unique<AudrecSource>(std::make_unique<MemoryStream>(std::move(bytes))), clock);
  CHECK(step(source) == Step{ReadState::more, 1});
  CHECK(step(source) == Step{ReadState::idle, 0});
  clock.advance_ms(1);
  CHECK(step(source) == Step{ReadState::more, 1});
  Batch batch;
  CHECK_FALSE(source.read(batch));
}

TEST_CASE("the options choose the files, their order and the pace", "[replay_source]") {
  const test::TempFolder folder;
  ManualClock clock;
  folder.write("audit.log", line_at("200.000"));
  folder.write("audit.log.1", line_at("100.000"));
  Options options{.kind = Kind::replay, .paths = {folder.path()}};
  auto fast = open_replay(options, clock);
  REQUIRE(fast);
  const auto drained = test::drain(**fast);
  REQUIRE(drained.datagrams.size() == 2);
  CHECK(drained.datagrams[0].payload == "audit(100.000:1): ");

  options.replay_in_recorded_time = true;
  auto paced = open_replay(options, clock);
  REQUIRE(paced);
  CHECK(step(**paced) == Step{ReadState::more, 1});
  CHECK(step(**paced) == Step{ReadState::idle, 0});
  CHECK((*paced)->next_ready_ns() == clock.monotonic_ns() + 100'000 * kMs);

  options.paths = {folder.path("absent")};
  CHECK_FALSE(open_replay(options, clock));
}

}  // namespace
}  // namespace sorrel::input
