#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/siphash.h"

namespace sorrel::host {

// Names and numeric ids, looked up both ways in constant time and without allocation. Where a name
// or an id is added again, the first one stays, as a search through the file would find it.
class NameTable {
 public:
  // False: the name or the id was there already.
  bool add(std::string_view name, std::uint32_t id);

  // Valid while the table lives and nothing is added.
  std::optional<std::string_view> name(std::uint32_t id) const noexcept;
  std::optional<std::uint32_t> id(std::string_view name) const noexcept;

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::uint32_t name_offset = 0;
    std::uint32_t name_size = 0;
    std::uint32_t id = 0;
  };
  // Open addressing with linear probing: index of an entry + 1, or 0. A power of two, at most half
  // full.
  using Slots = std::vector<std::uint32_t>;

  std::string_view name_of(const Entry& entry) const noexcept {
    return {names_.data() + entry.name_offset, entry.name_size};
  }
  std::uint32_t& slot_of(Slots& slots, std::uint32_t id) noexcept;
  std::uint32_t& slot_of(Slots& slots, std::string_view name) noexcept;
  std::uint64_t hash(std::string_view bytes) const noexcept { return siphash_128(key_, bytes)[0]; }
  // Multiply-add with secret numbers, of which the upper half is taken: no two ids can be chosen to
  // collide more often than by chance (Dietzfelbinger, "Universal hashing and k-wise independent
  // random variables via integer arithmetic without primes"). A fifth of the time of SipHash.
  std::uint64_t hash(std::uint32_t id) const noexcept {
    return ((key_[0] | 1) * id + key_[1]) >> 32;
  }
  void rehash(std::size_t slot_count);

  std::string names_;  // one after the other
  std::vector<Entry> entries_;
  Slots by_id_;
  Slots by_name_;
  // Random: the entries may be those of a hostile disk image, chosen to collide.
  Hash128 key_ = random_key();
  static Hash128 random_key() noexcept;
};

}  // namespace sorrel::host
