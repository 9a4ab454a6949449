#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

// A perfect hash over a fixed list of short names, computed by the compiler: a look-up is one hash
// of at most 16 of the name's bytes, two loads and one comparison, and never a loop over the list.
// The construction is "hash, displace" (Belazzougui, Botelho, Dietzfelbinger: Hash, displace, and
// compress, 2009). A list that cannot be hashed so does not compile.
namespace sorrel::record {

namespace detail {

constexpr std::uint64_t load_bytes(const char* at, std::size_t count) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  }
  return value;
}

// `Count` bytes, the first one lowest. One load instruction at run time on little-endian machines.
template <std::size_t Count>
constexpr std::uint64_t load(const char* at) noexcept {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (!std::is_constant_evaluated()) {
    std::conditional_t<Count == 8, std::uint64_t, std::uint32_t> value;
    static_assert(sizeof value == Count);
    std::memcpy(&value, at, Count);
    return value;
  }
#endif
  return load_bytes(at, Count);
}

// Mixes the length, the first eight and the last eight bytes. Longer names whose difference lies
// only between those collide, which the table's constructor would refuse.
constexpr std::uint64_t hash_name(std::string_view name) noexcept {
  const std::size_t size = name.size();
  const char* at = name.data();
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  if (size >= 8) {
    head = load<8>(at);
    tail = load<8>(at + size - 8);
  } else if (size >= 4) {
    head = load<4>(at);
    tail = load<4>(at + size - 4);
  } else {
    head = load_bytes(at, size);
  }
  std::uint64_t hash = (head ^ (size * 0x9e3779b97f4a7c15u)) * 0xff51afd7ed558ccdu;
  hash ^= hash >> 32;
  hash = (hash + tail) * 0xc4ceb9fe1a85ec53u;
  return hash ^ (hash >> 29);
}

// name == other, without a call: the names are short.
inline bool equal_names(std::string_view name, std::string_view other) noexcept {
  const std::size_t size = name.size();
  if (size != other.size()) return false;
  if (size > 16) return name == other;
  const char* a = name.data();
  const char* b = other.data();
  if (size >= 8) return load<8>(a) == load<8>(b) && load<8>(a + size - 8) == load<8>(b + size - 8);
  if (size >= 4) return load<4>(a) == load<4>(b) && load<4>(a + size - 4) == load<4>(b + size - 4);
  return load_bytes(a, size) == load_bytes(b, size);
}

}  // namespace detail

// Finds a name's place in the list it was made from. `SlotBits`: 2^SlotBits slots, at least 1.5
// times the number of names.
template <std::size_t Count, unsigned SlotBits>
class NameHash {
 public:
  static constexpr std::size_t kSlots = std::size_t{1} << SlotBits;
  static constexpr std::size_t kBuckets = kSlots / 4;
  static constexpr std::uint16_t kNone = 0xffff;
  static_assert(kSlots * 2 >= Count * 3 && Count < kNone);

  // `name_at(i)` gives the i-th name; all must differ.
  template <class NameAt>
  constexpr explicit NameHash(NameAt name_at) {
    slots_.fill(kNone);
    std::array<std::uint64_t, Count> hashes{};
    std::array<std::uint16_t, kBuckets> sizes{};
    for (std::size_t i = 0; i < Count; ++i) {
      hashes[i] = detail::hash_name(name_at(i));
      ++sizes[bucket(hashes[i])];
    }
    std::size_t largest = 0;
    for (const std::uint16_t size : sizes) largest = size > largest ? size : largest;
    for (std::size_t size = largest; size > 0; --size) {
      for (std::size_t b = 0; b < kBuckets; ++b) {
        if (sizes[b] == size) place_bucket(b, hashes);
      }
    }
  }

  // The only place where `name` can be in the list, or kNone: the caller compares the name there.
  std::uint16_t candidate(std::string_view name) const noexcept {
    const std::uint64_t hash = detail::hash_name(name);
    return slots_[slot(hash, displacements_[bucket(hash)])];
  }

 private:
  static constexpr std::size_t bucket(std::uint64_t hash) noexcept { return hash % kBuckets; }
  static constexpr std::size_t slot(std::uint64_t hash, std::uint16_t displacement) noexcept {
    return ((hash ^ displacement) * 0x9fb21c651e98df25u) >> (64 - SlotBits);
  }

  // Finds a displacement that sends every name of bucket `b` to a free slot of its own. When there
  // is none (two names with one hash), the index runs out of the array: a compile error.
  constexpr void place_bucket(std::size_t b, const std::array<std::uint64_t, Count>& hashes) {
    std::array<std::uint16_t, Count> members{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < Count; ++i) {
      if (bucket(hashes[i]) == b) members[count++] = static_cast<std::uint16_t>(i);
    }
    for (std::size_t d = 0;; ++d) {
      const auto displacement = static_cast<std::uint16_t>(d);
      std::size_t placed = 0;
      for (; placed < count; ++placed) {
        const std::size_t at = slot(hashes[members[placed]], displacement);
        if (slots_[at] != kNone) break;
        slots_[at] = members[placed];
      }
      if (placed == count) {
        displacements_[b] = displacement;
        return;
      }
      while (placed > 0) slots_[slot(hashes[members[--placed]], displacement)] = kNone;
      if (d >= 0xffff) slots_.at(kSlots) = 0;
    }
  }

  std::array<std::uint16_t, kSlots> slots_{};
  std::array<std::uint16_t, kBuckets> displacements_{};
};

}  // namespace sorrel::record
