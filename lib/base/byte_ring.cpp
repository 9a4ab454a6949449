#include "base/byte_ring.h"

#include <bit>

namespace sorrel {

ByteRing::ByteRing(std::size_t capacity_bytes)
    : capacity_(std::bit_ceil(capacity_bytes < 4096 ? std::size_t{4096} : capacity_bytes)),
      bytes_(new std::byte[capacity_]) {}  // not value-initialised: pages are touched when used

void ByteRing::rewind_if_empty() noexcept {
  const std::size_t offset = write_ & (capacity_ - 1);
  // Near the beginning there is nothing to gain.
  if (offset < capacity_ / 16) return;
  seen_head_ = head_.load(std::memory_order_acquire);
  if (seen_head_ != write_) return;
  const std::uint64_t skip = capacity_ - offset;
  const std::uint64_t filler = kFiller | skip;
  std::memcpy(bytes_.get() + offset, &filler, kHeaderBytes);
  write_ += skip;
}

void ByteRing::publish() noexcept {
  tail_.store(write_, std::memory_order_release);
}

void ByteRing::release() noexcept {
  head_.store(read_, std::memory_order_release);
}

std::size_t ByteRing::used_bytes() const noexcept {
  const std::size_t head = head_.load(std::memory_order_acquire);
  const std::size_t tail = tail_.load(std::memory_order_acquire);
  return tail - head;
}

}  // namespace sorrel
