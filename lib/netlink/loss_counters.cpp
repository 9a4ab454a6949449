#include "netlink/loss_counters.h"

namespace sorrel::netlink {
namespace {

// A step back from near the top of 32 bits is a wrap, any other a reset.
constexpr std::uint32_t kNearWrap = 0xf0000000u;

bool was_reset(std::uint32_t before, std::uint32_t now) noexcept {
  return now < before && (before < kNearWrap || now > UINT32_MAX - kNearWrap);
}

// After a reset, what counts is what came since.
std::uint32_t growth(std::uint32_t before, std::uint32_t now) noexcept {
  return was_reset(before, now) ? now : now - before;
}

}  // namespace

LossDelta LossCounters::poll(const KernelStatus& status, const SocketMemory& memory) noexcept {
  LossDelta delta;
  if (status_) {
    delta.kernel_lost = growth(status_->lost, status.lost);
    delta.lost_was_reset = was_reset(status_->lost, status.lost);
    delta.socket_refusals = memory.drops - memory_.drops;  // never reset; wraps
    delta.writers_waited =
        growth(status_->backlog_wait_time_actual, status.backlog_wait_time_actual);
  }
  status_ = status;
  memory_ = memory;
  total_.kernel_lost += delta.kernel_lost;
  total_.socket_refusals += delta.socket_refusals;
  total_.writers_waited += delta.writers_waited;
  total_.lost_was_reset |= delta.lost_was_reset;
  return delta;
}

}  // namespace sorrel::netlink
