// The small ones: results, errors, descriptors, clocks, ids, counters.

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/counter.h"
#include "base/error.h"
#include "base/event_id.h"
#include "base/fd.h"
#include "base/result.h"
#include "catch.h"

namespace sorrel {
namespace {

Result<std::unique_ptr<int>> half(int number) {
  if (number % 2 != 0) return fail(std::errc::invalid_argument, "an odd number has no half");
  return std::make_unique<int>(number / 2);
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

}  // namespace

TEST_CASE("a result holds a value or says what failed", "[result]") {
  Result<std::unique_ptr<int>> good = half(6);
  REQUIRE(good);
  CHECK(**good == 3);
  const std::unique_ptr<int> taken = *std::move(good);
  CHECK(*taken == 3);
  const Result<std::unique_ptr<int>> bad = half(7);
  REQUIRE(!bad);
  CHECK(bad.error().code == std::errc::invalid_argument);
  CHECK(bad.error().message == "an odd number has no half");
  const Status fine = Ok{};
  CHECK(fine.has_value());
}

TEST_CASE("an error's text joins message and code", "[error]") {
  const Error error{std::make_error_code(std::errc::no_such_file_or_directory), "/x: cannot open"};
  CHECK(error.to_string().starts_with("/x: cannot open"));
  CHECK(error.to_string().find("No such file") != std::string::npos);
  const Status status = fail_errno(EACCES, "/y");
  CHECK(status.error().code == std::errc::permission_denied);
}

TEST_CASE("a descriptor closes what it owns, once", "[fd]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  {
    Fd read(ends[0]);
    Fd write(ends[1]);
    Fd moved = std::move(read);
    CHECK(!read);
    CHECK(moved.get() == ends[0]);
    moved = std::move(write);
    CHECK(!is_open(ends[0]));
    CHECK(is_open(ends[1]));
    Fd& self = moved;
    moved = std::move(self);
    CHECK(is_open(ends[1]));
  }
  CHECK(!is_open(ends[1]));
  Fd none;
  none.reset();
  CHECK(none.release() == -1);
}

TEST_CASE("a released descriptor stays open", "[fd]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const Fd write(ends[1]);
  int kept = -1;
  {
    Fd read(ends[0]);
    kept = read.release();
  }
  CHECK(is_open(kept));
  ::close(kept);
}

TEST_CASE("a manual clock moves when it is told to", "[clock]") {
  ManualClock clock;
  clock.set_realtime_ns(5);
  clock.advance_ms(2);
  CHECK(clock.realtime_ns() == 2'000'005);
  CHECK(clock.monotonic_ns() == 2'000'000);
}

TEST_CASE("the system's clocks run", "[clock]") {
  const SystemClock clock;
  const std::uint64_t before = clock.monotonic_ns();
  CHECK(clock.monotonic_ns() >= before);
  CHECK(clock.realtime_ns() > 1'600'000'000'000'000'000);
}

TEST_CASE("event ids are ordered by second, then serial", "[event_id]") {
  const EventId id{.seconds = 1, .serial = 2, .milliseconds = 3};
  CHECK(id == EventId{.seconds = 1, .serial = 2, .milliseconds = 3});
  CHECK(id < EventId{.seconds = 2, .serial = 0, .milliseconds = 0});
  CHECK(id < EventId{.seconds = 1, .serial = 3, .milliseconds = 0});
  CHECK(id.time_ms() == 1003);
}

TEST_CASE("a counter counts", "[counter]") {
  Counter counter;
  counter.add();
  counter.add(41);
  CHECK(counter.value() == 42);
}

}  // namespace sorrel
