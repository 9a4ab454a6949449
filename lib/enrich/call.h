#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "event/event.h"

namespace sorrel::enrich {

// What an event's SYSCALL record says, read once for all that enrichment makes of it. What the
// record does not have is as in a new one.
struct Call {
  static constexpr std::uint32_t kUnset = 0xffffffff;

  std::uint32_t record = event::Record::kNone;  // its place in the event; kNone: it has none
  std::uint32_t arch = 0;
  std::uint32_t number = kUnset;
  std::string_view name;  // "openat"; empty when no table has it
  bool success = false;
  std::int64_t exit = 0;
  std::array<std::string_view, 4> arguments;  // hex digits; valid while the event lives
  std::uint32_t pid = 0;
  std::uint32_t ppid = 0;
  std::uint32_t uid = kUnset;
  std::uint32_t auid = kUnset;
  std::uint32_t ses = kUnset;
  std::string_view comm;  // bytes; valid while the event lives
  std::string_view exe;

  bool is_known() const noexcept { return record != event::Record::kNone; }
  // The number that an argument has; 0 when there is none. Few calls are asked for theirs.
  std::uint64_t argument(std::size_t i) const noexcept;
};

// Reads the event's first SYSCALL record.
Call read_call(event::Event& event);

}  // namespace sorrel::enrich
