#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "enrich/number_names.h"

// The tables that tools/tables/meanings.py makes from the kernel's headers.
namespace sorrel::enrich {

// Tables of numbers, each of which has one name: NumberTable::kSignal ...
enum class NumberTable : std::uint8_t {
#define SORREL_TABLE(name) k##name,
#define SORREL_NAME(number, name)
#define SORREL_TABLE_END
#include "enrich/tables/numbers.inc"
#include "enrich/tables/protocols.inc"
  kEnd
};

// Tables of flags: each bit has a name. FlagTable::kOpen ...
enum class FlagTable : std::uint8_t {
#include "enrich/tables/flags.inc"
  kEnd
#undef SORREL_TABLE
#undef SORREL_NAME
#undef SORREL_TABLE_END
};

// "SIGKILL" for 9 of kSignal; empty when the number has no name. The view lives for ever.
std::string_view number_name(NumberTable table, std::uint32_t number) noexcept;

// "O_CREAT" for bit 6 of kOpen; empty when the bit has no name. The view lives for ever.
std::string_view flag_name(FlagTable table, unsigned bit) noexcept;

// No text of all flags of one table, with a separator after each, is longer.
inline constexpr std::size_t kLongestFlags = 512;

}  // namespace sorrel::enrich
