#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sorrel::enrich {

// The text of an event id, "SEC.MMM:SERIAL", or of a start time, "SEC.MMM", at two characters a
// byte: the digits are their own lower halves, and those of '.' and ':' are no digits'. So an entry
// of the process table has the id as text, and writing it takes a dozen instructions where
// formatting its numbers takes 17 ns.
struct PackedId {
  static constexpr std::size_t kMaxText = 28;  // serials of up to 13 digits
  // What unpack_id() writes, of which the text is the beginning.
  static constexpr std::size_t kTextRoom = 32;

  std::uint8_t digits[kMaxText / 2] = {};
  std::uint8_t size = 0;  // of the text; 0: unknown

  bool operator==(const PackedId&) const = default;
};

// Unknown when `text` holds anything but digits, '.' and ':', or is too long. In place: fifteen
// bytes in two registers cost more than the work.
void pack_id(std::string_view text, PackedId& id) noexcept;
inline PackedId pack_id(std::string_view text) noexcept {
  PackedId id;
  pack_id(text, id);
  return id;
}

// Writes kTextRoom bytes to `out`; returns the text in them.
std::string_view unpack_id(const PackedId& id, char* out) noexcept;

// Milliseconds since the epoch: what stands before the ':'. 0 for an unknown one.
std::uint64_t time_ms_of(const PackedId& id) noexcept;

// A start time, "SEC.MMM" of the milliseconds since the epoch, beside which it keeps the clock
// ticks since boot that /proc has: these are exact, where the time drifts with the clock.
PackedId pack_start(std::uint64_t time_ms, std::uint64_t ticks) noexcept;
std::uint64_t start_ticks_of(const PackedId& start) noexcept;

}  // namespace sorrel::enrich
