#include "enrich/meaning_tables.h"

#include <algorithm>
#include <array>

namespace sorrel::enrich {
namespace {

using record::NameTable;
using record::NumberedName;

#define SORREL_TABLE(name) constexpr auto k##name##Numbers = std::to_array<NumberedName>({
#define SORREL_NAME(number, name) NumberedName{number, name},
#define SORREL_TABLE_END \
  });
#include "enrich/tables/numbers.inc"
#include "enrich/tables/protocols.inc"
#undef SORREL_TABLE
#define SORREL_TABLE(name) constexpr auto k##name##Flags = std::to_array<NumberedName>({
#include "enrich/tables/flags.inc"
#undef SORREL_TABLE
#undef SORREL_NAME
#undef SORREL_TABLE_END

#define SORREL_NAME(number, name)
#define SORREL_TABLE_END
#define SORREL_TABLE(name) constexpr auto kPacked##name##Numbers = pack_numbers<k##name##Numbers>();
#include "enrich/tables/numbers.inc"
#include "enrich/tables/protocols.inc"
#undef SORREL_TABLE
#define SORREL_TABLE(name) \
  constexpr auto kPacked##name##Flags = record::pack_names<k##name##Flags>();
#include "enrich/tables/flags.inc"
#undef SORREL_TABLE

constexpr NumberNames kNumberTables[] = {
#define SORREL_TABLE(name) kPacked##name##Numbers.view(),
#include "enrich/tables/numbers.inc"
#include "enrich/tables/protocols.inc"
#undef SORREL_TABLE
};

constexpr NameTable kFlagTables[] = {
#define SORREL_TABLE(name) kPacked##name##Flags.table(),
#include "enrich/tables/flags.inc"
#undef SORREL_TABLE
};
#undef SORREL_NAME
#undef SORREL_TABLE_END

static_assert(std::size(kNumberTables) == static_cast<std::size_t>(NumberTable::kEnd));
static_assert(std::size(kFlagTables) == static_cast<std::size_t>(FlagTable::kEnd));
static_assert(std::ranges::all_of(kFlagTables,
                                  [](const NameTable& table) {
                                    return table.first + table.places.size() <= 32;
                                  }),
              "a flag is one of 32 bits");

constexpr std::size_t length_of_all(const NameTable& table) {
  std::size_t sum = 0;
  for (const std::uint16_t place : table.places) {
    if (place != 0) sum += table.at_place(place).size() + 1;
  }
  return sum;
}

}  // namespace

static_assert(std::ranges::all_of(kFlagTables,
                                  [](const NameTable& table) {
                                    return length_of_all(table) <= kLongestFlags;
                                  }),
              "raise kLongestFlags");

std::string_view number_name(NumberTable table, std::uint32_t number) noexcept {
  return kNumberTables[static_cast<std::size_t>(table)].find(number);
}

std::string_view flag_name(FlagTable table, unsigned bit) noexcept {
  return kFlagTables[static_cast<std::size_t>(table)].find(bit);
}

}  // namespace sorrel::enrich
