#include "event/id_table.h"

#include <bit>

#include "base/check.h"

namespace sorrel::event {

std::uint64_t event_hash(const EventId& id, std::uint32_t node_hash) noexcept {
  std::uint64_t hash =
      id.serial * 0x9e3779b97f4a7c15 + (id.time_ms() ^ std::uint64_t{node_hash} << 40);
  hash = (hash ^ hash >> 31) * 0xbf58476d1ce4e5b9;
  return hash ^ hash >> 29;
}

IdTable::IdTable(std::size_t max_entries)
    : entries_(std::bit_ceil(max_entries * 2 + 2)), mask_(entries_.size() - 1) {}

// Where the key is, or the empty place where it would go.
std::size_t IdTable::position(std::uint64_t hash) const noexcept {
  std::size_t at = hash & mask_;
  while (entries_[at].slot != kNotFound && entries_[at].hash != hash) at = (at + 1) & mask_;
  return at;
}

void IdTable::insert(std::uint64_t hash, std::uint32_t slot) {
  SORREL_CHECK((size_ + 1) * 2 <= entries_.size(), "the table of events in flight is full");
  entries_[position(hash)] = {hash, slot};
  ++size_;
}

void IdTable::erase(std::uint64_t hash) noexcept {
  std::size_t hole = position(hash);
  if (entries_[hole].slot == kNotFound) return;
  --size_;
  // Moves later entries of the same run back, so that no look-up stops at the hole.
  for (std::size_t at = (hole + 1) & mask_; entries_[at].slot != kNotFound; at = (at + 1) & mask_) {
    const std::size_t wanted = entries_[at].hash & mask_;
    if (((at - wanted) & mask_) < ((at - hole) & mask_)) continue;
    entries_[hole] = entries_[at];
    hole = at;
  }
  entries_[hole].slot = kNotFound;
}

}  // namespace sorrel::event
