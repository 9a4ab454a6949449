#include "pipeline/hold_queue.h"

#include <string>
#include <vector>

#include "catch.h"
#include "record/datagram.h"

namespace sorrel::agent {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

// An event whose only record is `line`'s.
void fill(event::Event& event, const std::string& line) {
  record::Parser parser;
  const record::Datagram datagram = record::parse_line(line);
  event.add(datagram, datagram.payload.find("): ") + 3, parser);
}

struct Queue {
  explicit Queue(HoldOptions options = {}) : hold(options) {}

  bool push(const char* name, std::uint32_t pid, Ticket ticket, std::uint64_t now_ns = 0) {
    event::Event event;
    fill(event, "type=CWD msg=audit(1.000:1): cwd=\"" + std::string(name) + "\"");
    const bool taken = hold.push(event, {pid, ticket}, now_ns);
    CHECK(event.records().empty() == taken);
    return taken;
  }
  // What comes out, in order; what was answered with a star.
  std::string release(std::uint64_t now_ns) {
    std::string out;
    hold.release(now_ns, [&out](event::Event& event, Annotator::Wait wait) {
      out += event.fields(event.records()[0])[0].value();
      if (wait == Annotator::Wait::answered) out += '*';
      if (wait == Annotator::Wait::late) out += '-';
    });
    return out;
  }

  HoldQueue hold;
};

}  // namespace

TEST_CASE("an event waits for its answer, and no longer than its time", "[hold]") {
  Queue queue;
  REQUIRE(queue.push("a", 1, 11, 0));
  REQUIRE(queue.push("b", 2, 12, 1 * kMs));
  CHECK(queue.hold.next_deadline_ns() == 5 * kMs);
  CHECK(queue.release(4 * kMs).empty());
  CHECK(queue.hold.answered(99) == nullptr);
  REQUIRE(queue.hold.answered(12) != nullptr);
  CHECK(queue.hold.answered(12) == nullptr);
  CHECK(queue.release(4 * kMs) == "b*");
  CHECK(queue.release(5 * kMs) == "a-");
  CHECK(queue.hold.empty());
  CHECK(queue.hold.next_deadline_ns() == UINT64_MAX);
  CHECK(queue.hold.counters().held.value() == 2);
  CHECK(queue.hold.counters().answered.value() == 1);
  CHECK(queue.hold.counters().late.value() == 1);
}

TEST_CASE("within a process the order is kept, others pass", "[hold]") {
  Queue queue;
  REQUIRE(queue.push("a1", 1, 11));
  REQUIRE(queue.push("a2", 1, 0));
  REQUIRE(queue.push("b1", 2, 12));
  REQUIRE(queue.push("a3", 1, 13));
  CHECK(queue.hold.holds(1));
  CHECK(!queue.hold.holds(3));
  queue.hold.answered(13);
  queue.hold.answered(12);
  CHECK(queue.release(0) == "b1*");
  queue.hold.answered(11);
  CHECK(queue.release(0) == "a1*a2a3*");
}

TEST_CASE("events that only queue up go once the one before has gone", "[hold]") {
  Queue queue;
  REQUIRE(queue.push("a1", 1, 11, 0));
  REQUIRE(queue.push("a2", 1, 0, 4 * kMs));
  CHECK(queue.release(5 * kMs) == "a1-a2");
}

TEST_CASE("what waits is bounded in number and bytes, and what found no room is counted",
          "[hold]") {
  Queue few({.wait_ns = 5 * kMs, .max_events = 1, .max_bytes = 1 << 20});
  CHECK(few.push("a", 1, 1));
  CHECK(!few.push("b", 2, 2));
  CHECK(few.hold.counters().full.value() == 1);
  CHECK(few.release(5 * kMs) == "a-");
  CHECK(few.push("c", 3, 3));

  Queue small({.wait_ns = 5 * kMs, .max_events = 100, .max_bytes = 100});
  CHECK(!small.push("a", 1, 1));
  CHECK(small.hold.counters().full.value() == 1);
}

TEST_CASE("at the end all that waits comes out in order", "[hold]") {
  Queue queue;
  REQUIRE(queue.push("a", 1, 1));
  REQUIRE(queue.push("b", 2, 2));
  REQUIRE(queue.push("c", 1, 0));
  std::string out;
  queue.hold.release_all([&out](event::Event& event, Annotator::Wait) {
    out += event.fields(event.records()[0])[0].value();
  });
  CHECK(out == "abc");
}

}  // namespace sorrel::agent
