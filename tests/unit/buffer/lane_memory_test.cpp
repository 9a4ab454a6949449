#include "buffer/lane_memory.h"

#include "buffer_fixture.h"

namespace sorrel::buffer {
namespace {

using test::batch_of;
using test::texts_of;

constexpr std::uint64_t kMs = 1'000'000;

struct Memory {
  explicit Memory(LaneMemory::Limits limits) : memory(limits, 1) {}
  bool append(const std::string& text, std::uint64_t now_ns = 0) {
    const FrameBatch batch = batch_of({text});
    return memory.append(batch.frames(), batch.bytes(), now_ns);
  }
  std::vector<std::string> take(std::uint64_t from, std::size_t max_bytes = 1000) {
    FrameBatch out;
    taken = memory.take(from, ~std::uint64_t{0}, max_bytes, out, first);
    next = from;
    return texts_of(out);
  }
  LaneMemory memory;
  LaneMemory::Taken taken = LaneMemory::Taken::nothing;
  std::uint64_t first = 0;
  std::uint64_t next = 0;
};

}  // namespace

TEST_CASE("a block is due when it is full, or its first frame has waited", "[buffer]") {
  Memory m({.block_bytes = 10, .kept_bytes = 1000, .max_bytes = 10'000});
  CHECK(m.append("abc", 5 * kMs));  // the writer must know when to look
  CHECK_FALSE(m.append("d", 6 * kMs));
  CHECK(m.memory.next_due_ns(50 * kMs) == 55 * kMs);
  CHECK(m.memory.next_to_write(54 * kMs, 50 * kMs) == nullptr);
  const auto block = m.memory.next_to_write(55 * kMs, 50 * kMs);
  REQUIRE(block);
  CHECK(block->bytes == "abcd");
  CHECK(m.append("efghijklmn", 60 * kMs));  // a block of its own, full at once
  CHECK(m.memory.next_to_write(60 * kMs, 50 * kMs) == block);
  m.memory.set_written(block->end());
  CHECK(m.memory.next_due_ns(50 * kMs) <= 60 * kMs);
  CHECK(m.memory.next_to_write(60 * kMs, 50 * kMs)->bytes == "efghijklmn");
  m.memory.set_written(4);
  CHECK(m.memory.next_due_ns(50 * kMs) == UINT64_MAX);
}

TEST_CASE("readers take frames that are not written yet, up to their limit", "[buffer]") {
  Memory m({.block_bytes = 4, .kept_bytes = 10'000, .max_bytes = 10'000});
  for (const char* text : {"aa", "bb", "cc", "dd", "ee"}) m.append(text);
  CHECK(m.take(1) == std::vector<std::string>{"aa", "bb", "cc", "dd", "ee"});
  CHECK(m.take(2, 5) == std::vector<std::string>{"bb", "cc"});
  CHECK(m.next == 4);
  CHECK(m.take(5, 1) == std::vector<std::string>{"ee"});  // one, however large
  CHECK(m.take(6).empty());
  CHECK(m.taken == LaneMemory::Taken::nothing);
}

TEST_CASE("written blocks are forgotten, others only beyond the last limit, and counted",
          "[buffer]") {
  Memory m({.block_bytes = 1, .kept_bytes = 150, .max_bytes = 400});
  for (int i = 0; i < 4; ++i) m.append("x");
  CHECK(m.take(1).size() == 4);
  m.memory.set_written(4);
  CHECK(m.take(1).empty());
  CHECK(m.taken == LaneMemory::Taken::older);
  CHECK(m.first == 3);
  CHECK(m.memory.dropped() == 0);
  for (int i = 0; i < 20; ++i) m.append("y");
  CHECK(m.memory.dropped() > 0);
  CHECK(m.memory.bytes() <= 400);
}

TEST_CASE("a block that is being written is not counted as dropped, and can still be read",
          "[buffer]") {
  Memory m({.block_bytes = 1, .kept_bytes = 150, .max_bytes = 400});
  m.append("a");
  const auto block = m.memory.next_to_write(0, 0);
  REQUIRE(block);
  for (int i = 0; i < 20; ++i) m.append("y");  // 2 to 21; the disk is slow
  CHECK(m.memory.bytes() <= 400);
  const std::uint64_t dropped = m.memory.dropped();
  CHECK(dropped > 0);
  CHECK(m.take(1) == std::vector<std::string>{"a"});
  CHECK(m.next == 2);
  CHECK(m.take(2).empty());  // the hole behind it
  CHECK(m.taken == LaneMemory::Taken::older);
  CHECK(m.first == 2 + dropped);
  CHECK(m.take(m.first).size() == 20 - dropped);
  m.memory.set_written(2);
  CHECK(m.memory.dropped() == dropped);
  CHECK(m.memory.next_to_write(0, 0)->first == 2 + dropped);
  // The disk did not take that one: it is offered again, whatever has come meanwhile.
  for (int i = 0; i < 20; ++i) m.append("z");
  CHECK(m.memory.next_to_write(0, 0)->first == 2 + dropped);
}

TEST_CASE("nothing is due once all that waited was written, or forgotten", "[buffer]") {
  Memory m({.block_bytes = 3, .kept_bytes = 10, .max_bytes = 100});
  m.append("abc", 5 * kMs);  // closed, and waits
  CHECK(m.memory.next_due_ns(50 * kMs) == 5 * kMs);
  m.append("a", 7 * kMs);
  m.append("b", 7 * kMs);  // beyond the limit: the block is forgotten
  CHECK(m.memory.dropped() == 1);
  CHECK(m.memory.next_due_ns(50 * kMs) == 57 * kMs);
  // One that was closed to be written, and was not, is due at once.
  REQUIRE(m.memory.next_to_write(57 * kMs, 50 * kMs));
  CHECK(m.memory.next_due_ns(50 * kMs) == 7 * kMs);
}

}  // namespace sorrel::buffer
