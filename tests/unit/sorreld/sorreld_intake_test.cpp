#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "catch.h"
#include "sorreld/intake.h"
#include "sorreld/ring_entry.h"

namespace sorrel::agent {
namespace {

// Gives records of 100 bytes in batches, then ends, breaks, or has nothing more.
class FakeSource final : public input::Source {
 public:
  Result<input::ReadState> read(input::Batch& batch) override {
    batch.clear();
    for (std::size_t i = 0; i < batch_size && given < count; ++i, ++given) {
      record::Datagram& datagram = batch.emplace_back();
      datagram.type = type;
      payloads.push_back(std::to_string(given));
      payloads.back().resize(payload_bytes, ' ');
      datagram.payload = payloads.back();
    }
    if (given < count) return input::ReadState::more;
    if (error && !broken) {
      broken = error_once;
      return fail(std::errc::io_error, "the fake is broken");
    }
    return ends ? input::ReadState::ended : input::ReadState::idle;
  }

  std::size_t count = 0;
  std::size_t batch_size = 16;
  std::size_t payload_bytes = 100;
  record::RecordType type = record::type::kEoe;
  bool ends = true;
  bool error = false;
  bool error_once = false;
  std::size_t given = 0;

 private:
  bool broken = false;
  std::deque<std::string> payloads;
};

std::unique_ptr<Channel> small_channel(std::size_t bytes = 4'096) {
  auto channel = Channel::create(bytes);
  REQUIRE(channel);
  return *std::move(channel);
}

// Takes all that is in the ring; returns the numbers of the records.
std::vector<int> take(Channel& channel) {
  std::vector<int> numbers;
  for (;;) {
    const std::span<const std::byte> entry = channel.ring().front();
    if (entry.empty()) break;
    record::Datagram datagram;
    read_entry(entry, datagram);
    numbers.push_back(std::stoi(std::string(datagram.payload)));
    channel.ring().pop();
  }
  channel.release();
  return numbers;
}

std::vector<int> first(int count) {
  std::vector<int> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

}  // namespace

TEST_CASE("the intake puts each record into the ring once, in order", "[sorreld][intake]") {
  FakeSource source;
  source.count = 30;
  const SystemClock clock;
  const auto channel = small_channel(64 * 1024);
  Intake intake(source, *channel, clock, {});
  intake.run();
  CHECK(channel->is_closed());
  CHECK(take(*channel) == first(30));
  CHECK(intake.counters().records.value() == 30);
  CHECK(intake.counters().dropped.value() == 0);
  CHECK(intake.error().message.empty());
}

TEST_CASE("a full ring drops only what the source cannot hold, and counts it",
          "[sorreld][intake]") {
  FakeSource source;
  source.count = 200;
  const SystemClock clock;
  const auto channel = small_channel();
  Intake intake(source, *channel, clock,
                {.must_drop = [] { return true; }, .queue_bytes = 0, .error_ends = true});
  intake.run();
  const std::vector<int> taken = take(*channel);
  CHECK(!taken.empty());
  CHECK(taken == first(static_cast<int>(taken.size())));  // what fitted, nothing reordered
  CHECK(intake.counters().records.value() == taken.size());
  CHECK(intake.counters().dropped.value() == 200 - taken.size());
}

TEST_CASE("while the source can hold records, a full ring drops none", "[sorreld][intake]") {
  FakeSource source;
  source.count = 500;
  const SystemClock clock;
  const auto channel = small_channel();
  Intake intake(source, *channel, clock,
                {.must_drop = [] { return false; }, .queue_bytes = 0, .error_ends = true});
  std::vector<int> taken;
  std::thread reader([&] {
    for (;;) {
      const bool closed = channel->is_closed();
      const std::vector<int> some = take(*channel);
      taken.insert(taken.end(), some.begin(), some.end());
      if (closed && some.empty()) break;
    }
  });
  intake.run();
  reader.join();
  CHECK(taken == first(500));
  CHECK(intake.counters().dropped.value() == 0);
}

TEST_CASE("a file waits for the ring, and loses nothing when it is stopped there",
          "[sorreld][intake]") {
  FakeSource source;
  source.count = 500;
  const SystemClock clock;
  const auto channel = small_channel();
  Intake intake(source, *channel, clock, {});
  std::thread runner([&] { intake.run(); });
  intake.stop();
  runner.join();
  CHECK(channel->is_closed());
  CHECK(intake.counters().dropped.value() == 0);
}

TEST_CASE("a record larger than a quarter of the ring is counted, and the next ones come",
          "[sorreld][intake]") {
  FakeSource source;
  source.count = 3;
  source.payload_bytes = 2'000;
  const SystemClock clock;
  const auto channel = small_channel();
  Intake intake(source, *channel, clock, {});
  intake.run();
  CHECK(intake.counters().oversize.value() == 3);
  CHECK(intake.counters().records.value() == 0);
  CHECK(take(*channel).empty());
  CHECK(channel->ring().empty());
}

TEST_CASE("a broken kernel socket ends the intake with its error", "[sorreld][intake]") {
  FakeSource source;
  source.count = 5;
  source.error = true;
  const SystemClock clock;
  const auto channel = small_channel();
  Intake intake(source, *channel, clock, {});
  intake.run();
  CHECK(take(*channel) == first(5));
  CHECK(intake.error().code == std::errc::io_error);
}

TEST_CASE("a damaged file is read on, and its error is kept", "[sorreld][intake]") {
  FakeSource source;
  source.count = 5;
  source.error = source.error_once = true;
  const SystemClock clock;
  const auto channel = small_channel();
  Intake intake(source, *channel, clock, {.must_drop = {}, .queue_bytes = 0, .error_ends = false});
  intake.run();
  CHECK(take(*channel) == first(5));
  CHECK(intake.counters().errors.value() == 1);
  CHECK(!intake.error().message.empty());
}

TEST_CASE("drain returns when all that there was is in the ring", "[sorreld][intake]") {
  FakeSource source;
  source.count = 10;
  source.ends = false;
  source.type = record::type::kPath;  // of an event whose end does not come: nobody is woken for it
  const SystemClock clock;
  const auto channel = small_channel(64 * 1024);
  Intake intake(source, *channel, clock, {});
  std::thread runner([&] { intake.run(); });
  CHECK(intake.drain(10'000));
  CHECK(take(*channel) == first(10));
  CHECK(intake.drain(10'000));
  intake.stop();
  runner.join();
  CHECK(intake.drain(0));  // after the end there is nothing to wait for
}

TEST_CASE("naps begin at a high rate only, and never fill the source's queue",
          "[sorreld][intake]") {
  constexpr std::uint64_t kMs = 1'000'000;
  struct Row {
    std::uint64_t records;
    std::uint64_t within_ns;
    std::uint64_t queue_bytes;
    std::uint64_t nap_ns;
  };
  constexpr std::uint64_t kLarge = 32u << 20;
  const Row rows[] = {
      {6, 5 * kMs, kLarge, 0},          // one program start
      {99, 5 * kMs, kLarge, 0},         // 19,800 a second
      {100, 5 * kMs, kLarge, 2 * kMs},  // 20,000
      {2'000, 5 * kMs, kLarge, 2 * kMs},
      {2'000, 4 * kMs, kLarge, 0},            // not yet a whole window
      {2'000, 2'000 * kMs, kLarge, 0},        // a pause, not a rate
      {2'000, 5 * kMs, 0, 0},                 // no queue, no nap
      {2'000, 5 * kMs, 128 * 1'024, 80'000},  // a quarter of it, at 400,000 a second
  };
  for (const Row& row : rows) {
    RateGauge gauge;
    gauge.add(0, 10'000 * kMs);
    gauge.add(row.records, 10'000 * kMs + row.within_ns);
    CAPTURE(row.records, row.within_ns, row.queue_bytes);
    CHECK(gauge.nap_ns(row.queue_bytes) == row.nap_ns);
  }
}

}  // namespace sorrel::agent
