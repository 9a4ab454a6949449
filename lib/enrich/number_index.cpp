#include "enrich/number_index.h"

#include <sys/random.h>

namespace sorrel::enrich {
namespace {

constexpr std::size_t kFirstCells = 256;

}  // namespace

NumberIndex::NumberIndex() : cells_(kFirstCells), mask_(kFirstCells - 1) {
  std::uint64_t secret[2] = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9};
  // Fails only before the kernel's random numbers are seeded, where the fixed ones have to do.
  [[maybe_unused]] const ssize_t count = ::getrandom(secret, sizeof(secret), GRND_NONBLOCK);
  multiplier_ = secret[0] | 1;
  addend_ = secret[1];
}

// Where the number is, or the empty cell where it would go.
std::size_t NumberIndex::position(std::uint32_t number) const noexcept {
  std::size_t at = home(number);
  while (cells_[at].value != kNone && cells_[at].number != number) at = (at + 1) & mask_;
  return at;
}

void NumberIndex::add(std::uint32_t number, std::uint32_t value) {
  std::size_t at = position(number);
  if (cells_[at].value == kNone) {
    if ((size_ + 1) * 2 > cells_.size()) {
      grow();
      at = position(number);
    }
    ++size_;
  }
  cells_[at] = {number, value};
}

void NumberIndex::erase(std::uint32_t number) noexcept {
  std::size_t hole = position(number);
  if (cells_[hole].value == kNone) return;
  --size_;
  // Moves later cells of the same run back, so that no look-up stops at the hole.
  for (std::size_t at = (hole + 1) & mask_; cells_[at].value != kNone; at = (at + 1) & mask_) {
    const std::size_t wanted = home(cells_[at].number);
    if (((at - wanted) & mask_) < ((at - hole) & mask_)) continue;
    cells_[hole] = cells_[at];
    hole = at;
  }
  cells_[hole] = Cell{};
}

void NumberIndex::grow() {
  std::vector<Cell> old(cells_.size() * 2);
  old.swap(cells_);
  mask_ = cells_.size() - 1;
  for (const Cell& cell : old)
    if (cell.value != kNone) cells_[position(cell.number)] = cell;
}

}  // namespace sorrel::enrich
