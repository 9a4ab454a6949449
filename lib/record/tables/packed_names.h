#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// Names by number, packed by the compiler: one block of characters and one array of places in it,
// without a pointer, so that a table of 400 names costs 5 KB of shared read-only pages and no
// relocation at program start.
namespace sorrel::record {

// An entry of the list that a table is made from: all names ascending by number, then the aliases.
struct NumberedName {
  std::uint32_t number;
  std::string_view name;
  bool is_alias = false;  // another spelling: found by name, never shown
};

struct NameAlias {
  std::uint32_t number;
  std::uint16_t place;
};

// A view of a PackedNames of any size.
struct NameTable {
  std::uint32_t first = 0;                // the number that places[0] stands for
  std::span<const std::uint16_t> places;  // by number; 0: no name
  std::span<const NameAlias> aliases;
  const char* characters = nullptr;  // at a place: the length, then the name

  constexpr std::string_view at_place(std::uint16_t place) const noexcept {
    if (place == 0) return {};
    return {characters + place + 1, static_cast<unsigned char>(characters[place])};
  }
  // The name of `number`; empty when there is none.
  constexpr std::string_view find(std::uint32_t number) const noexcept {
    if (number < first || number - first >= places.size()) return {};
    return at_place(places[number - first]);
  }
};

template <std::size_t Places, std::size_t Aliases, std::size_t Characters>
struct PackedNames {
  static_assert(Characters <= 0xffff);
  std::uint32_t first = 0;
  std::array<std::uint16_t, Places> places{};
  std::array<NameAlias, Aliases> aliases{};
  std::array<char, Characters> characters{};

  constexpr NameTable table() const noexcept { return {first, places, aliases, characters.data()}; }
};

// `kList` is a constexpr array of NumberedName in static storage.
template <const auto& kList>
consteval auto pack_names() {
  constexpr std::size_t kAliases = [] {
    std::size_t count = 0;
    for (const NumberedName& entry : kList) count += entry.is_alias ? 1 : 0;
    return count;
  }();
  constexpr std::size_t kCharacters = [] {
    std::size_t sum = 1;
    for (const NumberedName& entry : kList) sum += entry.name.size() + 1;
    return sum;
  }();
  constexpr std::uint32_t kFirst = kList.front().number;
  constexpr std::uint32_t kLast = kList[kList.size() - kAliases - 1].number;
  static_assert([] {
    for (std::size_t i = 1; i < kList.size(); ++i) {
      if (kList[i].is_alias < kList[i - 1].is_alias) return false;
      if (!kList[i].is_alias && kList[i].number <= kList[i - 1].number) return false;
    }
    return true;
  }());
  PackedNames<kLast - kFirst + 1, kAliases, kCharacters> packed;
  packed.first = kFirst;
  std::size_t at = 1;
  std::size_t alias = 0;
  for (const NumberedName& entry : kList) {
    const auto place = static_cast<std::uint16_t>(at);
    if (entry.is_alias) {
      packed.aliases[alias++] = {entry.number, place};
    } else {
      packed.places[entry.number - kFirst] = place;
    }
    packed.characters[at++] = static_cast<char>(entry.name.size());
    for (const char c : entry.name) packed.characters[at++] = c;
  }
  return packed;
}

}  // namespace sorrel::record
