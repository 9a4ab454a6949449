#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "record/tables/packed_names.h"

// Names of numbers that lie far apart (ptrace requests, ioctl requests), packed by the compiler as
// record/tables/packed_names.h does for dense ones: no pointer per name, so no relocation.
namespace sorrel::enrich {

// A view of a PackedNumbers of any size.
struct NumberNames {
  std::span<const std::uint32_t> numbers;  // ascending
  const std::uint16_t* places = nullptr;   // of each number's name
  const char* characters = nullptr;        // at a place: the length, then the name

  // The name of `number`; empty when there is none. Logarithmic time.
  constexpr std::string_view find(std::uint32_t number) const noexcept {
    const auto found = std::ranges::lower_bound(numbers, number);
    if (found == numbers.end() || *found != number) return {};
    const char* const name = characters + places[found - numbers.begin()];
    return {name + 1, static_cast<unsigned char>(*name)};
  }
};

template <std::size_t Count, std::size_t Characters>
struct PackedNumbers {
  static_assert(Characters <= 0xffff);
  std::array<std::uint32_t, Count> numbers{};
  std::array<std::uint16_t, Count> places{};
  std::array<char, Characters> characters{};

  constexpr NumberNames view() const noexcept {
    return {numbers, places.data(), characters.data()};
  }
};

// `kList` is a constexpr array of record::NumberedName in static storage, ascending by number.
template <const auto& kList>
consteval auto pack_numbers() {
  static_assert(
      std::ranges::is_sorted(kList, std::ranges::less_equal{}, &record::NumberedName::number),
      "a number is out of order or has two names");
  constexpr std::size_t kCharacters = [] {
    std::size_t sum = 0;
    for (const record::NumberedName& entry : kList) sum += entry.name.size() + 1;
    return sum;
  }();
  PackedNumbers<kList.size(), kCharacters> packed;
  std::size_t at = 0;
  for (std::size_t i = 0; i < kList.size(); ++i) {
    packed.numbers[i] = kList[i].number;
    packed.places[i] = static_cast<std::uint16_t>(at);
    packed.characters[at++] = static_cast<char>(kList[i].name.size());
    for (const char c : kList[i].name) packed.characters[at++] = c;
  }
  return packed;
}

}  // namespace sorrel::enrich
