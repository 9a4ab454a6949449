#pragma once

#include <cstddef>
#include <cstdint>

#include "encode/json_writer.h"
#include "event/event.h"

namespace sorrel::encode {

enum class Join : std::uint8_t { array, text };

// Writes the arguments of an event's EXECVE records that have a place, as an array or as one
// string. `limit`: of their bytes, each with one more, beyond which the middle is left out; 0 for
// none. Returns false when a field besides argc had no place.
bool put_arguments(JsonWriter& w, const event::Event& event, const event::Record& first, Join join,
                   std::uint64_t limit);

}  // namespace sorrel::encode
