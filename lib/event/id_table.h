#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/event_id.h"

namespace sorrel::event {

// Finds the slot of an event in flight by the hash of its id and node (event_hash()). Open
// addressing with linear probing; sized once for `max_entries` at a load of at most one half. The
// caller compares the id and node of what it finds, and tries hash + 1 when they are others'.
class IdTable {
 public:
  static constexpr std::uint32_t kNotFound = ~std::uint32_t{0};

  explicit IdTable(std::size_t max_entries);

  std::size_t size() const noexcept { return size_; }
  std::uint32_t find(std::uint64_t hash) const noexcept { return entries_[position(hash)].slot; }
  // The key must not be in the table, which must not be full.
  void insert(std::uint64_t hash, std::uint32_t slot);
  void erase(std::uint64_t hash) noexcept;

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t slot = kNotFound;  // kNotFound: empty
  };
  std::size_t position(std::uint64_t hash) const noexcept;

  std::vector<Entry> entries_;
  std::size_t mask_;
  std::size_t size_ = 0;
};

// Mixes an id and its node's hash.
std::uint64_t event_hash(const EventId& id, std::uint32_t node_hash) noexcept;

}  // namespace sorrel::event
