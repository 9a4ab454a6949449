#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "base/check.h"

namespace sorrel {

// A bounded queue from one thread to one other, without a lock. Its places are made once and used
// again, with the memory that they hold: the writer fills the next free one, the reader looks at
// the oldest filled one and gives it back.
template <class T>
class SpscQueue {
 public:
  // `places`: a power of two.
  explicit SpscQueue(std::size_t places)
      : mask_(places - 1), places_(std::make_unique<T[]>(places)) {
    SORREL_CHECK(places != 0 && (places & mask_) == 0, "a queue's places are a power of two");
  }

  // Writer: the place to fill next; null when all are full.
  T* free() noexcept {
    const std::size_t written = written_.load(std::memory_order_relaxed);
    if (written - read_.load(std::memory_order_acquire) > mask_) return nullptr;
    return &places_[written & mask_];
  }
  // Writer: the place that free() gave is filled.
  void push() noexcept {
    written_.store(written_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // Reader: the oldest filled place; null when there is none.
  T* front() noexcept {
    const std::size_t read = read_.load(std::memory_order_relaxed);
    return read == written_.load(std::memory_order_acquire) ? nullptr : &places_[read & mask_];
  }
  // Reader: gives the place that front() gave back.
  void pop() noexcept {
    read_.store(read_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  // Either: true when it is seen empty.
  bool empty() const noexcept {
    return read_.load(std::memory_order_acquire) == written_.load(std::memory_order_acquire);
  }

 private:
  const std::size_t mask_;
  const std::unique_ptr<T[]> places_;
  // Apart, so that the two threads do not share a cache line.
  alignas(64) std::atomic<std::size_t> written_{0};
  alignas(64) std::atomic<std::size_t> read_{0};
};

}  // namespace sorrel
