#pragma once

#include <cstdint>
#include <optional>

#include "netlink/audit_socket.h"
#include "netlink/kernel_status.h"

namespace sorrel::netlink {

// How much the kernel's own counters grew between two polls, and what that means.
struct LossDelta {
  // AUDIT_GET.lost: records or events (it counts both) that the kernel dropped and admits.
  std::uint64_t kernel_lost = 0;
  // Deliveries to our socket that failed because it was full. A lost record in multicast mode; an
  // attempt that the kernel repeats in unicast mode, so a sign of a stall there, not a loss.
  std::uint64_t socket_refusals = 0;
  // Jiffies that writers slept because the backlog was full.
  std::uint64_t writers_waited = 0;
  // The kernel's counter stepped back: somebody reset it (auditctl --reset-lost).
  bool lost_was_reset = false;

  bool trouble() const noexcept { return kernel_lost + socket_refusals + writers_waited != 0; }
};

// Turns the kernel's 32-bit counters, which wrap and can be reset, into growth. The first poll
// gives the baseline and no growth: what was lost before we came is not our loss.
class LossCounters {
 public:
  LossDelta poll(const KernelStatus& status, const SocketMemory& memory) noexcept;

  // Sums of all growth since the start.
  const LossDelta& total() const noexcept { return total_; }

 private:
  std::optional<KernelStatus> status_;
  SocketMemory memory_;
  LossDelta total_;
};

}  // namespace sorrel::netlink
