#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace sorrel::netlink {

// What AUDIT_GET answers (struct audit_status, linux/audit.h).
struct KernelStatus {
  std::uint32_t enabled = 0;  // 0 off, 1 on, 2 on and locked until reboot
  std::uint32_t failure = 0;  // 0 silent, 1 printk, 2 panic
  std::uint32_t pid = 0;      // who is registered; a dead one shows until the next record
  std::uint32_t rate_limit = 0;
  std::uint32_t backlog_limit = 0;
  std::uint32_t lost = 0;     // since boot or the last reset; wraps
  std::uint32_t backlog = 0;  // waiting now; the retry queue is not in it
  std::uint32_t features = 0;
  std::uint32_t backlog_wait_time = 0;         // jiffies
  std::uint32_t backlog_wait_time_actual = 0;  // jiffies that writers slept, all together; wraps
  bool has_backlog_wait_time = false;          // Linux 3.14
  bool has_backlog_wait_time_actual = false;   // Linux 5.9

  bool locked() const noexcept { return enabled == 2; }
};

// Reads a reply of any kernel: older ones send a shorter struct, newer ones may send a longer one.
// Errors: bad_message when not even the fields of Linux 2.6 are there.
Result<KernelStatus> decode_status(std::span<const std::byte> payload);

// What can be set, one at a time: a request with several bits is applied in part before it fails
// (a locked kernel takes the pid of PID|BACKLOG_LIMIT and then answers EPERM).
enum class Setting : std::uint32_t {
  enabled = 0x01,
  failure = 0x02,
  pid = 0x04,
  rate_limit = 0x08,
  backlog_limit = 0x10,
  backlog_wait_time = 0x20,
  lost = 0x40,                      // reset to 0
  backlog_wait_time_actual = 0x80,  // reset to 0
};

inline constexpr std::size_t kStatusBytes = 44;
using StatusBytes = std::array<std::byte, kStatusBytes>;

// The payload of an AUDIT_SET that sets `setting` and nothing else.
StatusBytes encode_setting(Setting setting, std::uint32_t value) noexcept;

// "backlog_limit": the option's and auditctl's word for it.
std::string_view setting_name(Setting setting) noexcept;

}  // namespace sorrel::netlink
