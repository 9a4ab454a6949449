#include "host/name_table.h"

#include <sys/random.h>

#include <bit>

namespace sorrel::host {
namespace {

// The slot that holds what `matches` accepts, or the empty one where it belongs. `slots` has one.
template <class Matches>
std::size_t probe(const std::vector<std::uint32_t>& slots, std::uint64_t hash, Matches matches) {
  const std::size_t mask = slots.size() - 1;
  std::size_t at = hash & mask;
  while (slots[at] != 0 && !matches(slots[at] - 1)) at = (at + 1) & mask;
  return at;
}

}  // namespace

Hash128 NameTable::random_key() noexcept {
  Hash128 key{};
  // Fails only before the kernel's random numbers are seeded, where a fixed key has to do.
  [[maybe_unused]] const ssize_t count = ::getrandom(key.data(), sizeof(key), GRND_NONBLOCK);
  return key;
}

bool NameTable::add(std::string_view name, std::uint32_t id) {
  if ((entries_.size() + 1) * 2 > by_id_.size()) {
    rehash(std::bit_ceil((entries_.size() + 8) * 4));
  }
  std::uint32_t& id_slot = slot_of(by_id_, id);
  std::uint32_t& name_slot = slot_of(by_name_, name);
  const bool is_new = id_slot == 0 && name_slot == 0;
  if (id_slot != 0 && name_slot != 0) return false;
  entries_.push_back({.name_offset = static_cast<std::uint32_t>(names_.size()),
                      .name_size = static_cast<std::uint32_t>(name.size()),
                      .id = id});
  names_ += name;
  const auto number = static_cast<std::uint32_t>(entries_.size());
  if (id_slot == 0) id_slot = number;
  if (name_slot == 0) name_slot = number;
  return is_new;
}

std::optional<std::string_view> NameTable::name(std::uint32_t id) const noexcept {
  if (by_id_.empty()) return std::nullopt;
  const std::uint32_t number = by_id_[probe(
      by_id_, hash(id), [&](std::uint32_t entry) { return entries_[entry].id == id; })];
  if (number == 0) return std::nullopt;
  return name_of(entries_[number - 1]);
}

std::optional<std::uint32_t> NameTable::id(std::string_view name) const noexcept {
  if (by_name_.empty()) return std::nullopt;
  const std::uint32_t number = by_name_[probe(
      by_name_, hash(name), [&](std::uint32_t entry) { return name_of(entries_[entry]) == name; })];
  if (number == 0) return std::nullopt;
  return entries_[number - 1].id;
}

std::uint32_t& NameTable::slot_of(Slots& slots, std::uint32_t id) noexcept {
  return slots[probe(slots, hash(id),
                     [&](std::uint32_t entry) { return entries_[entry].id == id; })];
}

std::uint32_t& NameTable::slot_of(Slots& slots, std::string_view name) noexcept {
  return slots[probe(slots, hash(name),
                     [&](std::uint32_t entry) { return name_of(entries_[entry]) == name; })];
}

void NameTable::rehash(std::size_t slot_count) {
  by_id_.assign(slot_count, 0);
  by_name_.assign(slot_count, 0);
  std::uint32_t number = 0;
  for (const Entry& entry : entries_) {
    ++number;
    if (std::uint32_t& slot = slot_of(by_id_, entry.id); slot == 0) slot = number;
    if (std::uint32_t& slot = slot_of(by_name_, name_of(entry)); slot == 0) slot = number;
  }
}

}  // namespace sorrel::host
