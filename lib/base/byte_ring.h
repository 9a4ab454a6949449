#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>

namespace sorrel {

// A bounded ring of variable-length entries between exactly one writing and one reading thread,
// without locks. Entries lie contiguous and 8-byte aligned, so a reader may use them in place.
//
//   writer:  reserve(n) -> fill the span -> push(used)         (any number of times)  -> publish()
//   reader:  front() -> read the span -> pop()                 (any number of times)  -> release()
//
// publish() and release() make the work of many entries visible at once, which keeps the two
// threads off each other's cache lines.
class ByteRing {
 public:
  // `capacity_bytes` is rounded up to a power of two of at least 4 KiB.
  explicit ByteRing(std::size_t capacity_bytes);

  std::size_t capacity_bytes() const noexcept { return capacity_; }

  // Writer: room for one entry of up to `size` bytes, or an empty span when the ring is too full.
  // `size` must be at most capacity_bytes() / 4. The span is valid until push().
  std::span<std::byte> reserve(std::size_t size) noexcept;
  // Writer: keeps the first `size` bytes of what reserve() gave as an entry.
  void push(std::size_t size) noexcept;
  // Writer, when all is published: if the reader has read everything, the next entry goes to the
  // buffer's beginning. A ring that is kept empty then uses little of its memory, and that stays in
  // the caches. To be called now and then, such as once a batch.
  void rewind_if_empty() noexcept;
  // Writer: shows all pushed entries to the reader.
  void publish() noexcept;

  // Reader: the oldest published entry, or an empty span. Valid until release() after its pop().
  std::span<const std::byte> front() noexcept;
  void pop() noexcept;
  // Reader: gives the room of all popped entries back to the writer.
  void release() noexcept;

  // Either thread, approximate for the other: bytes in use.
  std::size_t used_bytes() const noexcept;
  bool empty() const noexcept { return used_bytes() == 0; }

 private:
  static constexpr std::size_t kCacheLine = 64;

  std::size_t capacity_;
  std::unique_ptr<std::byte[]> bytes_;
  alignas(kCacheLine) std::atomic<std::size_t> tail_{0};  // written by the writer
  std::size_t write_ = 0;                                 // the writer's own, ahead of tail_
  std::size_t seen_head_ = 0;
  alignas(kCacheLine) std::atomic<std::size_t> head_{0};  // written by the reader
  std::size_t read_ = 0;                                  // the reader's own, ahead of head_
  std::size_t seen_tail_ = 0;
};

}  // namespace sorrel
