#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "base/check.h"

namespace sorrel::input {

// A reused buffer between what reads bytes and what cuts them into records: what the cutter leaves
// (the beginning of a record) is carried to the front before the next read. Allocates once.
// What was taken from it stays readable, with kPaddingBytes after it, until the next room().
class CarryBuffer {
 public:
  // A parser may look this far past the end of a record, in whole vectors.
  static constexpr std::size_t kPaddingBytes = 64;

  // Reads are of up to `chunk_bytes` each; at most `max_carried_bytes` may be left when room() is
  // called.
  CarryBuffer(std::size_t chunk_bytes, std::size_t max_carried_bytes)
      : chunk_bytes_(chunk_bytes > 0 ? chunk_bytes : 1),
        capacity_(chunk_bytes_ + max_carried_bytes),
        bytes_(std::make_unique_for_overwrite<char[]>(capacity_ + kPaddingBytes)) {}

  // Where the next read puts its bytes.
  std::span<char> room() noexcept {
    if (begin_ == end_) {
      begin_ = end_ = 0;
    } else if (capacity_ - end_ < chunk_bytes_) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    SORREL_CHECK(capacity_ - end_ >= chunk_bytes_, "more carried over than max_carried_bytes");
    return {bytes_.get() + end_, chunk_bytes_};
  }
  // The first `count` bytes of room() are filled now.
  void filled(std::size_t count) noexcept { end_ += count; }

  // What is there and not yet consumed.
  std::string_view bytes() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t count) noexcept { begin_ += count; }
  void clear() noexcept { begin_ = end_; }

 private:
  std::size_t chunk_bytes_;
  std::size_t capacity_;
  std::unique_ptr<char[]> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sorrel::input
