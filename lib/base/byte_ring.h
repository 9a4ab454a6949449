#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "base/check.h"

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
  static constexpr std::size_t kHeaderBytes = 8;
  static constexpr std::uint64_t kFiller = std::uint64_t{1} << 63;

  static constexpr std::size_t padded(std::size_t size) noexcept { return (size + 7) / 8 * 8; }

  std::size_t capacity_;
  std::unique_ptr<std::byte[]> bytes_;
  alignas(kCacheLine) std::atomic<std::size_t> tail_{0};  // written by the writer
  std::size_t write_ = 0;                                 // the writer's own, ahead of tail_
  std::size_t seen_head_ = 0;
  alignas(kCacheLine) std::atomic<std::size_t> head_{0};  // written by the reader
  std::size_t read_ = 0;                                  // the reader's own, ahead of head_
  std::size_t seen_tail_ = 0;
};

// Positions count bytes for ever and are masked into the buffer, so full and empty never look the
// same. An entry is an 8-byte header holding its length, then its bytes padded to 8. An entry that
// would cross the end of the buffer is preceded by a filler (kFiller | bytes to skip).
// Inline, since each is called for every record.

inline std::span<std::byte> ByteRing::reserve(std::size_t size) noexcept {
  SORREL_CHECK(size <= capacity_ / 4, "entry too large for the ring");
  const std::size_t need = kHeaderBytes + padded(size);
  const std::size_t to_end = capacity_ - (write_ & (capacity_ - 1));
  const std::size_t skip = to_end < need ? to_end : 0;
  if (write_ + skip + need - seen_head_ > capacity_) {
    seen_head_ = head_.load(std::memory_order_acquire);
    if (write_ + skip + need - seen_head_ > capacity_) return {};
  }
  if (skip != 0) {
    const std::uint64_t filler = kFiller | skip;
    std::memcpy(bytes_.get() + (write_ & (capacity_ - 1)), &filler, kHeaderBytes);
    write_ += skip;
  }
  return {bytes_.get() + (write_ & (capacity_ - 1)) + kHeaderBytes, size};
}

inline void ByteRing::push(std::size_t size) noexcept {
  const std::uint64_t header = size;
  std::memcpy(bytes_.get() + (write_ & (capacity_ - 1)), &header, kHeaderBytes);
  write_ += kHeaderBytes + padded(size);
}

inline std::span<const std::byte> ByteRing::front() noexcept {
  for (;;) {
    if (read_ == seen_tail_) {
      seen_tail_ = tail_.load(std::memory_order_acquire);
      if (read_ == seen_tail_) return {};
    }
    const std::byte* entry = bytes_.get() + (read_ & (capacity_ - 1));
    std::uint64_t header = 0;
    std::memcpy(&header, entry, kHeaderBytes);
    if ((header & kFiller) == 0) return {entry + kHeaderBytes, static_cast<std::size_t>(header)};
    read_ += static_cast<std::size_t>(header & ~kFiller);
  }
}

inline void ByteRing::pop() noexcept {
  std::uint64_t header = 0;
  std::memcpy(&header, bytes_.get() + (read_ & (capacity_ - 1)), kHeaderBytes);
  read_ += kHeaderBytes + padded(static_cast<std::size_t>(header));
}

}  // namespace sorrel
