#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sorrel::event {

// Where records or events were lost. The names are stable: they stand in SORREL_LOSS events, in
// metrics and in documentation.
enum class LossCause : std::uint8_t {
  kernel,       // the kernel's `lost` counter grew: its queues were full, or its rate limit
  serial_hole,  // serials that never arrived and that no counter of the kernel admits
  socket,       // our multicast socket was full: the kernel drops copies at once
  restart,      // serials between the last record of the previous run and the first of this one
  ring,         // the ring between intake and pipeline was full
  size,         // a record or event beyond its size limit was cut
  evicted,      // an event was released unfinished because too many were in flight
  decode,       // a datagram that is no audit record
};
inline constexpr std::size_t kLossCauses = 8;

// What `count` of a cause counts.
enum class LossUnit : std::uint8_t { records, events };

constexpr std::string_view loss_cause_name(LossCause cause) noexcept {
  switch (cause) {
    case LossCause::kernel:
      return "kernel";
    case LossCause::serial_hole:
      return "serial_hole";
    case LossCause::socket:
      return "socket";
    case LossCause::restart:
      return "restart";
    case LossCause::ring:
      return "ring";
    case LossCause::size:
      return "size";
    case LossCause::evicted:
      return "evicted";
    case LossCause::decode:
      return "decode";
  }
  return "unknown";
}

// A serial is one event of one or more records; the kernel's counter mixes both, so it is called
// records, the smaller claim.
constexpr LossUnit loss_unit(LossCause cause) noexcept {
  switch (cause) {
    case LossCause::serial_hole:
    case LossCause::restart:
    case LossCause::evicted:
      return LossUnit::events;
    default:
      return LossUnit::records;
  }
}

// Something was lost. Each becomes an event of its own in the output (SORREL_LOSS) and adds to the
// counter of its cause. The same loss can be reported by two causes: records that the kernel counts
// as lost after they got a serial (queue overflow) also leave a hole.
struct LossReport {
  LossCause cause = LossCause::kernel;
  std::uint64_t count = 0;
  std::uint64_t since_ns = 0;  // the receive clock, ns since the epoch: not before this
  std::uint64_t until_ns = 0;  // ... and not after this
  std::string detail;          // for people: which serials, which limit; may be empty
};

}  // namespace sorrel::event
