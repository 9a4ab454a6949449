#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "record/field.h"

namespace sorrel::record {

// Sets Field::repeated: a JSON object must not hold one key twice, and no value may be lost.
// At most kMaxFields fields.
// `table` is scratch memory that the caller keeps from call to call. Linear in the fields.
void mark_repeats(std::span<Field> fields, std::vector<std::uint32_t>& table);

}  // namespace sorrel::record
