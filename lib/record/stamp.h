#pragma once

#include <cstdint>
#include <string_view>

#include "base/event_id.h"

namespace sorrel::record {

// The latest second that a stamp may name (April 2262): one more second, in nanoseconds, would no
// longer fit into a signed 64-bit number, so that nobody who converts a stamp can overflow.
inline constexpr std::uint64_t kMaxStampSeconds = 9'223'372'035;

// Reads "audit(SECONDS.MILLISECONDS:SERIAL):" at the start of `payload` and sets `id` to it and
// `body` to what follows, without one blank after the colon (the body may be empty, as EOE's is).
// The milliseconds have one to three digits (the kernel writes three: "%llu.%03lu:%u"), the serial
// is at most 2^64-1, the seconds at most kMaxStampSeconds. Anything else: false, and `id` and
// `body` stay as they were. `body` views `payload`.
// Source: linux/kernel/audit.c, audit_log_start().
bool parse_stamp(std::string_view payload, EventId& id, std::string_view& body) noexcept;

}  // namespace sorrel::record
