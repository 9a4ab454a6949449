#pragma once

#include <cstdint>
#include <optional>

namespace sorrel::netlink {

// Settings written to the kernel with AUDIT_SET; nothing means "leave it as it is".
struct KernelSettings {
  std::optional<std::uint32_t> enabled;                // 0 or 1, or 2: locked until reboot
  std::optional<std::uint32_t> failure;                // 0 silent, 1 printk, 2 panic
  std::optional<std::uint32_t> backlog_limit = 65536;  // records; 0 is no limit
  std::optional<std::uint32_t> backlog_wait_time;      // jiffies; how long a writer waits when full
  std::optional<std::uint32_t> rate_limit;             // records a second; 0 is no limit

  friend bool operator==(const KernelSettings&, const KernelSettings&) = default;
};

// What the audit pid and the kernel's settings become when the daemon stops.
enum class AtExit : std::uint8_t { leave, restore };

struct Options {
  std::uint32_t receive_buffer_bytes = 16u << 20;  // SO_RCVBUFFORCE; the kernel doubles it
  KernelSettings settings;
  AtExit at_exit = AtExit::leave;
  // Another daemon holds the audit pid at start, or takes it later: read the multicast group.
  bool fall_back_to_multicast = true;
  // ... and register again when that daemon has gone.
  bool take_over_when_free = false;
  std::uint32_t status_poll_ms = 10'000;     // AUDIT_GET: lost, backlog, who is registered
  std::uint32_t heartbeat_ms = 30'000;       // a record of ours, when all is well; 0 turns it off
  std::uint32_t heartbeat_stall_ms = 1'000;  // ... after a stall, an overrun or a loss

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::netlink
