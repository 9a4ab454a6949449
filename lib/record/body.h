#pragma once

#include <cstddef>
#include <cstdint>

namespace sorrel::record {

// What must follow a record's body in memory, so that the parser can scan in blocks and stop
// without asking for the end at each byte: the sentinels, then bytes that may be read.
inline constexpr char kSentinel[2] = {' ', '"'};
inline constexpr std::size_t kPadding = 80;

// A record has at most so many fields; what follows is kept as one word. The kernel's own limit is
// far lower (an EXECVE record of 7500 bytes holds at most 1500 arguments).
inline constexpr std::size_t kMaxFields = 16'384;

// Where a record's body came from: only auditd's text has the 0x1d that precedes enriched fields;
// in the kernel's own payload 0x1d is a byte like any other.
enum class Origin : std::uint8_t { kernel, text };

}  // namespace sorrel::record
