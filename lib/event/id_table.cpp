#include "event/id_table.h"

#include <bit>

#include "base/check.h"

namespace sorrel::event {

IdTable::IdTable(std::size_t max_entries)
    : entries_(std::bit_ceil(max_entries * 2 + 2)), mask_(entries_.size() - 1) {}

std::size_t IdTable::home(const EventId& id, std::uint32_t node_hash) const noexcept {
  const std::uint64_t mixed = (id.serial ^ id.time_ms() << 20 ^ node_hash) * 0x9e3779b97f4a7c15;
  return static_cast<std::size_t>(mixed >> 32) & mask_;
}

// Where the key is, or the empty place where it would go.
std::size_t IdTable::position(const EventId& id, std::uint32_t node_hash) const noexcept {
  std::size_t at = home(id, node_hash);
  while (entries_[at].slot != kNotFound &&
         (entries_[at].id != id || entries_[at].node_hash != node_hash))
    at = (at + 1) & mask_;
  return at;
}

std::uint32_t IdTable::find(const EventId& id, std::uint32_t node_hash) const noexcept {
  return entries_[position(id, node_hash)].slot;
}

void IdTable::insert(const EventId& id, std::uint32_t node_hash, std::uint32_t slot) {
  SORREL_CHECK((size_ + 1) * 2 <= entries_.size(), "the table of events in flight is full");
  entries_[position(id, node_hash)] = {id, node_hash, slot};
  ++size_;
}

void IdTable::erase(const EventId& id, std::uint32_t node_hash) noexcept {
  std::size_t hole = position(id, node_hash);
  if (entries_[hole].slot == kNotFound) return;
  --size_;
  // Moves later entries of the same run back, so that no look-up stops at the hole.
  for (std::size_t at = (hole + 1) & mask_; entries_[at].slot != kNotFound; at = (at + 1) & mask_) {
    const std::size_t wanted = home(entries_[at].id, entries_[at].node_hash);
    if (((at - wanted) & mask_) < ((at - hole) & mask_)) continue;
    entries_[hole] = entries_[at];
    hole = at;
  }
  entries_[hole].slot = kNotFound;
}

}  // namespace sorrel::event
