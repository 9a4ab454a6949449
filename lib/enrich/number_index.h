#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sorrel::enrich {

// Finds a 32-bit value by a 32-bit number: the slot of a process by its pid, or of a session.
// Open addressing with linear probing, at most half full; grows by doubling and allocates nothing
// else. Numbers of a log may be chosen to collide, so that the hash has a secret.
class NumberIndex {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};  // no value may be this

  NumberIndex();

  std::uint32_t find(std::uint32_t number) const noexcept {
    for (std::size_t at = home(number);; at = (at + 1) & mask_) {
      const Cell cell = cells_[at];
      if (cell.number == number || cell.value == kNone) return cell.value;
    }
  }
  // Adds the number or replaces its value.
  void assign(std::uint32_t number, std::uint32_t value) {
    Cell& cell = cells_[home(number)];
    if (cell.number == number && cell.value != kNone) [[likely]] {
      cell.value = value;
    } else {
      add(number, value);
    }
  }
  void erase(std::uint32_t number) noexcept;
  void prefetch(std::uint32_t number) const noexcept { __builtin_prefetch(&cells_[home(number)]); }

  std::size_t size() const noexcept { return size_; }
  std::size_t memory_bytes() const noexcept { return cells_.capacity() * sizeof(Cell); }

 private:
  struct Cell {
    std::uint32_t number = 0;  // of an empty cell: 0, with kNone as its value
    std::uint32_t value = kNone;
  };
  // Multiply-add with secret numbers, of which the upper half is taken (host/name_table.h).
  std::size_t home(std::uint32_t number) const noexcept {
    return static_cast<std::size_t>((multiplier_ * number + addend_) >> 32) & mask_;
  }
  std::size_t position(std::uint32_t number) const noexcept;
  void add(std::uint32_t number, std::uint32_t value);
  void grow();

  std::vector<Cell> cells_;
  std::size_t mask_;
  std::size_t size_ = 0;
  std::uint64_t multiplier_;
  std::uint64_t addend_;
};

}  // namespace sorrel::enrich
