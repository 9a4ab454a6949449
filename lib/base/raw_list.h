#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace sorrel {

// Items one after the other, as a vector keeps them, but with room that is not initialised: whoever
// fills the list writes each item once, without asking for room each time.
template <class T>
class RawList {
 public:
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  T* data() noexcept { return items_.get(); }
  const T* data() const noexcept { return items_.get(); }
  std::span<const T> items() const noexcept { return {items_.get(), size_}; }

  // Room for `count` more; returns where the first of them goes. Invalidates what pointed in here.
  T* reserve(std::size_t count) {
    if (capacity_ - size_ < count) [[unlikely]]
      grow(count);
    return items_.get() + size_;
  }
  // The list ends at `end`, which lies in the room that reserve() gave.
  void set_end(const T* end) noexcept { size_ = static_cast<std::size_t>(end - items_.get()); }
  void push_back(const T& item) {
    *reserve(1) = item;
    ++size_;
  }

  void clear() noexcept { size_ = 0; }
  void release_memory() noexcept {
    items_.reset();
    size_ = capacity_ = 0;
  }

 private:
  static_assert(std::is_trivially_copyable_v<T>);

  [[gnu::noinline]] void grow(std::size_t count) {
    const std::size_t capacity = size_ + count + capacity_ / 2;
    auto items = std::make_unique_for_overwrite<T[]>(capacity);
    if (size_ != 0) std::memcpy(items.get(), items_.get(), size_ * sizeof(T));
    items_ = std::move(items);
    capacity_ = capacity;
  }

  std::unique_ptr<T[]> items_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace sorrel
