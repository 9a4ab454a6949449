#include "sink/http_pace.h"

#include "catch.h"

namespace sorrel::sink {
namespace {

using namespace std::chrono_literals;

struct PaceFixture {
  PaceFixture() { options.max_requests = 6; }

  // A full round of good answers.
  void round(HttpPace& pace) {
    const std::uint32_t limit = pace.limit();
    for (std::uint32_t i = 0; i < limit; ++i) pace.begin();
    for (std::uint32_t i = 0; i < limit; ++i) pace.succeed();
  }

  HttpOptions options;
  HttpPace::Time now = HttpPace::Time{} + 1h;
};

TEST_CASE_METHOD(PaceFixture, "requests at a time grow by rounds, up to what is allowed",
                 "[http]") {
  HttpPace pace(options);
  CHECK(pace.limit() == 1);
  CHECK(pace.may_send(now));
  pace.begin();
  CHECK_FALSE(pace.may_send(now));
  pace.succeed();
  CHECK(pace.limit() == 2);
  for (int i = 0; i < 100; ++i) round(pace);
  CHECK(pace.limit() > 2);
  CHECK(pace.limit() <= 6);
  CHECK(pace.in_flight() == 0);
}

TEST_CASE_METHOD(PaceFixture, "a limit that is not used does not grow", "[http]") {
  HttpPace pace(options);
  round(pace);
  for (int i = 0; i < 100; ++i) {
    pace.begin();
    pace.succeed();
  }
  CHECK(pace.limit() == 2);
}

TEST_CASE_METHOD(PaceFixture, "a busy collector is asked half as much, once a round", "[http]") {
  options.max_requests = 64;
  HttpPace pace(options);
  while (pace.limit() < 8) {
    for (std::uint32_t i = 0, n = pace.limit(); i < n; ++i) pace.begin();
    while (pace.in_flight() != 0) pace.succeed();
  }
  const std::uint32_t before = pace.limit();
  for (std::uint32_t i = 0; i < before; ++i) pace.begin();
  for (std::uint32_t i = 0; i < before; ++i) pace.slow_down(now, 1.0, std::nullopt);
  CHECK(pace.limit() == before / 2);
  CHECK(pace.held_until() == now + options.retry_min);
  CHECK_FALSE(pace.may_send(now));
  CHECK(pace.may_send(now + options.retry_min));
}

TEST_CASE_METHOD(PaceFixture, "pauses double up to the longest, at random", "[http]") {
  options.retry_min = 1s;
  options.retry_max = 10s;
  HttpPace pace(options);
  for (const auto expected : {1s, 2s, 4s, 8s, 10s, 10s}) {
    pace.begin();
    pace.fail(now, 1.0, std::nullopt);
    CHECK(pace.held_until() - now == expected);
    now = pace.held_until();
  }
  pace.begin();
  pace.fail(now, 0.25, std::nullopt);
  CHECK(pace.held_until() - now == 2500ms);
  now = pace.held_until();
  pace.begin();
  pace.succeed();
  pace.begin();
  pace.fail(now, 1.0, std::nullopt);
  CHECK(pace.held_until() - now == 1s);
  CHECK(pace.limit() == 1);
}

TEST_CASE_METHOD(PaceFixture, "what a collector asks for is kept to, within bounds", "[http]") {
  HttpPace pace(options);
  pace.begin();
  pace.slow_down(now, 1.0, 30s);
  CHECK(pace.held_until() - now == 30s);
  pace.begin();
  pace.slow_down(now, 1.0, 5s);  // of an earlier answer: the longer one counts
  CHECK(pace.held_until() - now == 30s);
  pace.begin();
  pace.slow_down(now, 1.0, 24h);
  CHECK(pace.held_until() - now == options.retry_after_max);
}

}  // namespace
}  // namespace sorrel::sink
