#pragma once

#include <cstdint>

#include "record/record_type.h"

namespace sorrel::record {

// A name of up to 16 bytes as two words, its first byte lowest, zeros behind it: compared and
// hashed without a loop.
struct NameWords {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  friend constexpr bool operator==(const NameWords&, const NameWords&) = default;
};

// type_number() for a name in this form, without UNKNOWN[n]; 0 when no table has it.
RecordType type_number(const NameWords& words) noexcept;

}  // namespace sorrel::record
