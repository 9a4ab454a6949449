#pragma once

#include "base/raw_list.h"
#include "record/field.h"

namespace sorrel::record {

// The parser writes each field once.
using FieldList = RawList<Field>;

}  // namespace sorrel::record
