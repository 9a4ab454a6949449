#include "base/byte_ring.h"

#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <thread>

#include "catch.h"

namespace sorrel {
namespace {

bool put(ByteRing& ring, const std::string& text) {
  const std::span<std::byte> room = ring.reserve(text.size());
  if (room.empty()) return false;
  std::memcpy(room.data(), text.data(), text.size());
  ring.push(text.size());
  return true;
}

std::string text_of(std::span<const std::byte> entry) {
  return {reinterpret_cast<const char*>(entry.data()), entry.size()};
}

}  // namespace

TEST_CASE("a ring's size is a power of two", "[byte_ring]") {
  CHECK(ByteRing(1).capacity_bytes() == 4096);
  CHECK(ByteRing(4097).capacity_bytes() == 8192);
}

TEST_CASE("a reader sees what was published, in order, until it releases it", "[byte_ring]") {
  ByteRing ring(4096);
  CHECK(ring.empty());
  CHECK(ring.front().empty());
  REQUIRE(put(ring, "one"));
  REQUIRE(put(ring, "two"));
  CHECK(ring.front().empty());
  ring.publish();
  CHECK(text_of(ring.front()) == "one");
  ring.pop();
  CHECK(text_of(ring.front()) == "two");
  ring.pop();
  CHECK(ring.front().empty());
  CHECK(!ring.empty());
  ring.release();
  CHECK(ring.empty());
}

TEST_CASE("an entry may be shorter than what was reserved", "[byte_ring]") {
  ByteRing ring(4096);
  const std::span<std::byte> room = ring.reserve(500);
  REQUIRE(room.size() == 500);
  std::memcpy(room.data(), "abc", 3);
  ring.push(3);
  REQUIRE(put(ring, "next"));
  ring.publish();
  CHECK(text_of(ring.front()) == "abc");
  ring.pop();
  CHECK(text_of(ring.front()) == "next");
}

TEST_CASE("a ring does what a queue does, and refuses what has no room", "[byte_ring][property]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  ByteRing ring(4096);
  std::deque<std::string> queue;  // published and not yet popped
  std::deque<std::string> pushed;
  std::size_t refused = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text(1 + random() % 700, static_cast<char>('a' + random() % 26));
    if (put(ring, text))
      pushed.push_back(text);
    else
      ++refused;
    REQUIRE(ring.used_bytes() <= ring.capacity_bytes());
    if (random() % 3 == 0) {
      ring.publish();
      queue.insert(queue.end(), pushed.begin(), pushed.end());
      pushed.clear();
    }
    for (auto pops = random() % 3; pops != 0 && !queue.empty(); --pops) {
      REQUIRE(text_of(ring.front()) == queue.front());
      ring.pop();
      queue.pop_front();
    }
    if (queue.empty()) REQUIRE(ring.front().empty());
    if (random() % 2 == 0) ring.release();
  }
  CHECK(refused > 0);
}

TEST_CASE("two threads share a ring", "[byte_ring]") {
  constexpr std::uint32_t kEntries = 200'000;
  ByteRing ring(4096);
  std::thread writer([&] {
    for (std::uint32_t i = 0; i < kEntries;) {
      const std::span<std::byte> room = ring.reserve(sizeof i + i % 50);
      if (room.empty()) {
        std::this_thread::yield();
        continue;
      }
      std::memcpy(room.data(), &i, sizeof i);
      ring.push(room.size());
      ring.publish();
      ++i;
    }
  });
  std::uint32_t wrong = 0;
  for (std::uint32_t i = 0; i < kEntries;) {
    const std::span<const std::byte> entry = ring.front();
    if (entry.empty()) {
      std::this_thread::yield();
      continue;
    }
    std::uint32_t number = 0;
    std::memcpy(&number, entry.data(), sizeof number);
    wrong += number != i || entry.size() != sizeof i + i % 50;
    ring.pop();
    ring.release();
    ++i;
  }
  writer.join();
  CHECK(wrong == 0);
  CHECK(ring.empty());
}

}  // namespace sorrel
