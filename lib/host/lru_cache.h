#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace sorrel::host {

// A table of at most `capacity` entries that forgets the one that was not asked for the longest.
// With a capacity of 0 it keeps nothing. For what is asked for a few hundred times a second: each
// new entry is allocated.
template <class Key, class Value, class Hash = std::hash<Key>>
class LruCache {
 public:
  explicit LruCache(std::size_t capacity) : capacity_(capacity) {}

  // Valid until the next put() or clear().
  Value* find(const Key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  void put(const Key& key, Value value) {
    if (Value* const there = find(key); there != nullptr) {
      *there = std::move(value);
      return;
    }
    if (capacity_ == 0) return;
    if (entries_.size() == capacity_) {
      by_key_.erase(entries_.back().first);
      entries_.pop_back();
      ++evicted_;
    }
    entries_.emplace_front(key, std::move(value));
    by_key_.emplace(key, entries_.begin());
  }

  void clear() {
    by_key_.clear();
    entries_.clear();
  }

  std::size_t size() const noexcept { return entries_.size(); }
  std::uint64_t evicted() const noexcept { return evicted_; }

 private:
  using Entries = std::list<std::pair<Key, Value>>;  // the last one asked for first

  std::size_t capacity_;
  std::uint64_t evicted_ = 0;
  Entries entries_;
  std::unordered_map<Key, typename Entries::iterator, Hash> by_key_;
};

}  // namespace sorrel::host
