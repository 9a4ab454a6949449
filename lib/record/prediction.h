#pragma once

#include <array>
#include <cstdint>

#include "record/field.h"

namespace sorrel::record {

// What the parser expects after a key: the key that followed it last time in this record type, and
// what the field that it makes will be but for its value.
struct alignas(64) Prediction {
  // "key=" in its first bytes, and a bit for each of these. Nothing is predicted at first: the bit
  // for a byte that does not exist never matches.
  std::array<char, 16> text{};
  std::uint32_t mask = 1u << 16;
  Prediction* next = nullptr;  // what is expected after that field
  FieldShape bare{};
  FieldShape quoted{};
};
static_assert(sizeof(Prediction) == 64, "one cache line");

}  // namespace sorrel::record
