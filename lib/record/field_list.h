#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "record/field.h"

namespace sorrel::record {

// Fields one after the other, as a vector keeps them, but with room that is not initialised: the
// parser writes each field once.
class FieldList {
 public:
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  Field* data() noexcept { return fields_.get(); }
  const Field* data() const noexcept { return fields_.get(); }

  // Room for `count` more; returns where the first of them goes. Invalidates what pointed in here.
  Field* reserve(std::size_t count) {
    if (capacity_ - size_ < count) [[unlikely]]
      grow(count);
    return fields_.get() + size_;
  }
  // The list ends at `end`, which lies in the room that reserve() gave.
  void set_end(const Field* end) noexcept { size_ = static_cast<std::size_t>(end - fields_.get()); }

  void clear() noexcept { size_ = 0; }
  void release_memory() noexcept {
    fields_.reset();
    size_ = capacity_ = 0;
  }

 private:
  static_assert(std::is_trivially_copyable_v<Field>);

  void grow(std::size_t count) {
    const std::size_t capacity = size_ + count + capacity_ / 2;
    auto fields = std::make_unique_for_overwrite<Field[]>(capacity);
    if (size_ != 0) std::memcpy(fields.get(), fields_.get(), size_ * sizeof(Field));
    fields_ = std::move(fields);
    capacity_ = capacity;
  }

  std::unique_ptr<Field[]> fields_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace sorrel::record
