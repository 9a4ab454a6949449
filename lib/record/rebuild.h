#pragma once

#include <string>
#include <string_view>

#include "record/field.h"

namespace sorrel::record {

// Rebuilds the body that [first, last) was parsed from; `body` tells only what stood between two
// fields (blanks, the 0x1d). Equal to `body` for every input: tests hold the parser to it.
std::string rebuild_body(const Field* first, const Field* last, std::string_view body);

}  // namespace sorrel::record
