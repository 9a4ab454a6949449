// Positions count bytes for ever and are masked into the buffer, so full and empty never look the
// same. An entry is an 8-byte header holding its length, then its bytes padded to 8. An entry that
// would cross the end of the buffer is preceded by a filler (kFiller | bytes to skip).

#include "base/byte_ring.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/check.h"

namespace sorrel {
namespace {

constexpr std::size_t kHeader = 8;
constexpr std::uint64_t kFiller = std::uint64_t{1} << 63;

constexpr std::size_t padded(std::size_t size) noexcept {
  return (size + 7) / 8 * 8;
}

}  // namespace

ByteRing::ByteRing(std::size_t capacity_bytes)
    : capacity_(std::bit_ceil(capacity_bytes < 4096 ? std::size_t{4096} : capacity_bytes)),
      bytes_(new std::byte[capacity_]) {}  // not value-initialised: pages are touched when used

std::span<std::byte> ByteRing::reserve(std::size_t size) noexcept {
  SORREL_CHECK(size <= capacity_ / 4, "entry too large for the ring");
  const std::size_t need = kHeader + padded(size);
  const std::size_t to_end = capacity_ - (write_ & (capacity_ - 1));
  const std::size_t skip = to_end < need ? to_end : 0;
  if (write_ + skip + need - seen_head_ > capacity_) {
    seen_head_ = head_.load(std::memory_order_acquire);
    if (write_ + skip + need - seen_head_ > capacity_) return {};
  }
  if (skip != 0) {
    const std::uint64_t filler = kFiller | skip;
    std::memcpy(bytes_.get() + (write_ & (capacity_ - 1)), &filler, kHeader);
    write_ += skip;
  }
  return {bytes_.get() + (write_ & (capacity_ - 1)) + kHeader, size};
}

void ByteRing::push(std::size_t size) noexcept {
  const std::uint64_t header = size;
  std::memcpy(bytes_.get() + (write_ & (capacity_ - 1)), &header, kHeader);
  write_ += kHeader + padded(size);
}

void ByteRing::rewind_if_empty() noexcept {
  const std::size_t offset = write_ & (capacity_ - 1);
  // Near the beginning there is nothing to gain.
  if (offset < capacity_ / 16) return;
  seen_head_ = head_.load(std::memory_order_acquire);
  if (seen_head_ != write_) return;
  const std::uint64_t skip = capacity_ - offset;
  const std::uint64_t filler = kFiller | skip;
  std::memcpy(bytes_.get() + offset, &filler, kHeader);
  write_ += skip;
}

void ByteRing::publish() noexcept {
  tail_.store(write_, std::memory_order_release);
}

std::span<const std::byte> ByteRing::front() noexcept {
  for (;;) {
    if (read_ == seen_tail_) {
      seen_tail_ = tail_.load(std::memory_order_acquire);
      if (read_ == seen_tail_) return {};
    }
    const std::byte* entry = bytes_.get() + (read_ & (capacity_ - 1));
    std::uint64_t header = 0;
    std::memcpy(&header, entry, kHeader);
    if ((header & kFiller) == 0) return {entry + kHeader, static_cast<std::size_t>(header)};
    read_ += static_cast<std::size_t>(header & ~kFiller);
  }
}

void ByteRing::pop() noexcept {
  std::uint64_t header = 0;
  std::memcpy(&header, bytes_.get() + (read_ & (capacity_ - 1)), kHeader);
  read_ += kHeader + padded(static_cast<std::size_t>(header));
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
