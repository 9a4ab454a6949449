#pragma once

#include <atomic>
#include <cstdint>

namespace sorrel {

// A number that one thread increments and any thread may read: relaxed, since it orders nothing.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept {
    // One writer: a load and a store are enough, and cheaper than a locked add.
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace sorrel
