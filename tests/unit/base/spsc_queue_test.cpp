#include "base/spsc_queue.h"

#include <cstdint>
#include <string>
#include <thread>

#include "catch.h"

namespace sorrel {

TEST_CASE("a queue gives back in order what it was given, up to its places", "[queue]") {
  SpscQueue<std::string> queue(2);
  CHECK(queue.empty());
  CHECK(queue.front() == nullptr);
  *queue.free() = "a";
  CHECK(queue.front() == nullptr);  // not pushed yet
  queue.push();
  *queue.free() = "b";
  queue.push();
  CHECK(queue.free() == nullptr);
  REQUIRE(queue.front() != nullptr);
  CHECK(*queue.front() == "a");
  queue.pop();
  CHECK(*queue.front() == "b");
  REQUIRE(queue.free() != nullptr);
  CHECK(*queue.free() == "a");  // the place keeps its memory
  queue.pop();
  CHECK(queue.empty());
}

TEST_CASE("a queue loses nothing between two threads", "[queue]") {
  constexpr std::uint64_t kCount = 100'000;
  SpscQueue<std::uint64_t> queue(64);
  std::thread writer([&queue] {
    for (std::uint64_t i = 1; i <= kCount;) {
      std::uint64_t* const place = queue.free();
      if (place == nullptr) {
        std::this_thread::yield();
        continue;
      }
      *place = i++;
      queue.push();
    }
  });
  std::uint64_t expected = 1;
  bool in_order = true;
  while (expected <= kCount) {
    const std::uint64_t* const value = queue.front();
    if (value == nullptr) {
      std::this_thread::yield();
      continue;
    }
    in_order = in_order && *value == expected++;
    queue.pop();
  }
  writer.join();
  CHECK(in_order);
  CHECK(queue.empty());
}

}  // namespace sorrel
