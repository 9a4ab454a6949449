#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/event_id.h"

namespace sorrel::event {

// Finds the slot of an event in flight by its id and the hash of its node. Open addressing with
// linear probing; sized once for `max_entries` at a load of at most one half.
class IdTable {
 public:
  static constexpr std::uint32_t kNotFound = ~std::uint32_t{0};

  explicit IdTable(std::size_t max_entries);

  std::size_t size() const noexcept { return size_; }
  std::uint32_t find(const EventId& id, std::uint32_t node_hash) const noexcept;
  // The key must not be in the table, which must not be full.
  void insert(const EventId& id, std::uint32_t node_hash, std::uint32_t slot);
  void erase(const EventId& id, std::uint32_t node_hash) noexcept;

 private:
  struct Entry {
    EventId id;
    std::uint32_t node_hash = 0;
    std::uint32_t slot = kNotFound;  // kNotFound: empty
  };
  std::size_t home(const EventId& id, std::uint32_t node_hash) const noexcept;
  std::size_t position(const EventId& id, std::uint32_t node_hash) const noexcept;

  std::vector<Entry> entries_;
  std::size_t mask_;
  std::size_t size_ = 0;
};

}  // namespace sorrel::event
