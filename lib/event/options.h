#pragma once

#include <cstdint>

namespace sorrel::event {

// Limits of event assembly. Whatever a limit cuts is emitted, marked incomplete and counted.
struct Options {
  std::uint32_t timeout_ms = 2'000;          // an event without its end is released after this
  std::uint32_t user_linger_ms = 50;         // a user message waits so long for its SYSCALL record
  std::uint32_t max_events = 1'024;          // in flight; the oldest goes first
  std::uint32_t max_bytes = 16u << 20;       // of all events in flight
  std::uint32_t max_event_bytes = 4u << 20;  // of one event; further records of it are dropped
  std::uint32_t max_event_records = 4'096;   // of one event

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::event
