// What limits cut is released, marked and counted; memory is given back.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "collected.h"
#include "event/assembler.h"

namespace sorrel::event {
namespace {

using test::Assembly;
using Ids = std::vector<std::string>;

constexpr std::size_t kLargestRecord = 1'000;  // of the random stream, with what it takes in memory

}  // namespace

TEST_CASE("the oldest event goes when there are too many", "[assembler]") {
  Assembly a(TimeBase::live, {.max_events = 3});
  for (std::uint64_t serial = 1; serial <= 5; ++serial) a.add("SYSCALL", serial);
  REQUIRE(a.out.ids() == Ids{"1.000:1+1", "1.000:2+1"});
  CHECK(a.out.events[0].incomplete == Incomplete::evicted);
  CHECK(a.assembler.events_in_flight() == 3);
  CHECK(a.assembler.counters().evicted.value() == 2);
  // A record of an evicted event starts a late part, which takes a place again.
  a.add("CWD", 1);
  CHECK(a.out.ids().back() == "1.000:3+1");
  a.add("EOE", 1, "");
  CHECK(a.out.ids().back() == "1.000:1+2");
  CHECK(a.out.events.back().part == 1);
}

TEST_CASE("the oldest events go when there are too many bytes", "[assembler]") {
  Assembly a(TimeBase::live, {.max_bytes = 10'000});
  const std::string body = "name=\"" + std::string(3'000, 'x') + '"';
  for (std::uint64_t serial = 1; serial <= 4; ++serial) a.add("PATH", serial, body);
  CHECK(a.out.ids() == Ids{"1.000:1+1"});
  CHECK(a.assembler.bytes_in_flight() <= 10'000);
  CHECK(a.assembler.bytes_in_flight() > 9'000);
  // One that is larger than all may be goes as well, and takes the others with it.
  a.add("PATH", 9, "name=\"" + std::string(20'000, 'x') + '"');
  CHECK(a.out.ids() == Ids{"1.000:1+1", "1.000:2+1", "1.000:3+1", "1.000:4+1", "1.000:9+1"});
  CHECK(a.assembler.bytes_in_flight() == 0);
  CHECK(a.assembler.events_in_flight() == 0);
}

TEST_CASE("records beyond the size of one event are dropped and counted", "[assembler]") {
  Assembly a(TimeBase::live, {.max_event_bytes = 5'000});
  const std::string body = "a0=\"" + std::string(2'000, 'x') + '"';
  for (int i = 0; i < 10; ++i) a.add("EXECVE", 1, body);
  a.add("EOE", 1, "");
  REQUIRE(a.out.events.size() == 1);
  CHECK(a.out.events[0].records.size() == 4);  // the limit is passed by the third, and EOE
  CHECK(a.out.events[0].dropped_records == 7);
  CHECK(a.out.events[0].incomplete == Incomplete::size);
  CHECK(a.assembler.counters().dropped_records.value() == 7);
  CHECK(a.assembler.counters().records.value() == 11);
}

TEST_CASE("records beyond the number of one event are dropped and counted", "[assembler]") {
  Assembly a(TimeBase::stored, {.max_event_records = 4});
  for (int i = 0; i < 10; ++i) a.add("PATH", 1);
  a.assembler.flush();
  REQUIRE(a.out.events.size() == 1);
  CHECK(a.out.events[0].records.size() == 4);
  CHECK(a.out.events[0].dropped_records == 6);
  CHECK(a.out.events[0].incomplete == Incomplete::size);
}

TEST_CASE("a limit of zero still makes events", "[assembler]") {
  Assembly a(TimeBase::live, {.max_events = 0, .max_bytes = 0, .max_event_records = 0});
  a.add("SYSCALL", 1);
  a.add("SYSCALL", 2);
  a.add("DAEMON_START", 3);
  a.assembler.flush();
  std::size_t records = 0;
  for (const test::Released& event : a.out.events) {
    REQUIRE(!event.records.empty());
    records += event.records.size();
  }
  CHECK(records + a.assembler.counters().dropped_records.value() == 3);
}

TEST_CASE("a random stream gives every record once, or counts it", "[assembler][property]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  static constexpr const char* kTypes[] = {"SYSCALL", "PATH",         "CWD",   "PROCTITLE",
                                           "EOE",     "USER_LOGIN",   "LOGIN", "AVC",
                                           "NEW",     "DAEMON_START", "EXECVE"};
  for (int round = 0; round < 60; ++round) {
    const Options options{.timeout_ms = 20,
                          .user_linger_ms = 5,
                          .max_events = 1 + static_cast<std::uint32_t>(random() % 20),
                          .max_bytes = 500 + static_cast<std::uint32_t>(random() % 20'000),
                          .max_event_bytes = 100 + static_cast<std::uint32_t>(random() % 5'000),
                          .max_event_records = 1 + static_cast<std::uint32_t>(random() % 20)};
    Assembly a(random() % 2 == 0 ? TimeBase::live : TimeBase::stored, options);
    std::vector<std::string> given;
    for (int i = 0; i < 1'000; ++i) {
      const std::string type = kTypes[random() % std::size(kTypes)];
      const std::string body = "n=" + std::to_string(i) + ' ' + std::string(random() % 300, 'x');
      const std::string node = random() % 4 == 0 ? "node=n " : "";
      a.line(node + "type=" + type + " msg=audit(1.0" + std::to_string(random() % 100) + ":" +
             std::to_string(random() % 30) + "): " + body);
      given.push_back(type + ' ' + body);
      if (random() % 10 == 0) a.advance(random() % 10);
      REQUIRE(a.assembler.events_in_flight() <= options.max_events);
      // The last record may pass the limit; the next one then evicts.
      REQUIRE(a.assembler.bytes_in_flight() <= options.max_bytes + kLargestRecord);
    }
    a.assembler.flush();
    REQUIRE(a.assembler.events_in_flight() == 0);
    REQUIRE(a.assembler.bytes_in_flight() == 0);
    std::vector<std::string> got;
    std::uint64_t dropped = 0;
    for (const test::Released& event : a.out.events) {
      got.insert(got.end(), event.records.begin(), event.records.end());
      dropped += event.dropped_records;
    }
    REQUIRE(dropped == a.assembler.counters().dropped_records.value());
    REQUIRE(got.size() + dropped == given.size());
    std::ranges::sort(given);
    std::ranges::sort(got);
    REQUIRE(std::ranges::includes(given, got));
    REQUIRE(a.assembler.counters().records.value() == given.size());
  }
}

}  // namespace sorrel::event
