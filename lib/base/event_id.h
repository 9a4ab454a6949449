#pragma once

#include <compare>
#include <cstdint>

namespace sorrel {

// The stamp and serial that the kernel gives to all records of one event:
// audit(SECONDS.MILLISECONDS:SERIAL). The serial is a 32-bit counter in the kernel
// (linux/kernel/audit.c, audit_serial()), dense and increasing until it wraps; auditd makes up the
// serials of its own DAEMON_* records, so only stamp and serial together name an event.
struct EventId {
  std::uint64_t seconds = 0;
  std::uint64_t serial = 0;
  std::uint16_t milliseconds = 0;  // 0..999

  std::uint64_t time_ms() const noexcept { return seconds * 1000 + milliseconds; }
  friend auto operator<=>(const EventId&, const EventId&) = default;
};

}  // namespace sorrel
