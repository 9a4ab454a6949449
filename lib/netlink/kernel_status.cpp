#include "netlink/kernel_status.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <system_error>

namespace sorrel::netlink {
namespace {

// The words of struct audit_status, in order.
enum Word : std::size_t {
  kMask,
  kEnabled,
  kFailure,
  kPid,
  kRateLimit,
  kBacklogLimit,
  kLost,
  kBacklog,
  kFeatures,
  kBacklogWaitTime,
  kBacklogWaitTimeActual,
  kWords,
};
static_assert(kWords * sizeof(std::uint32_t) == kStatusBytes);
constexpr std::size_t kOldestWords = kBacklog + 1;

using Words = std::array<std::uint32_t, kWords>;

Word word_of(Setting setting) noexcept {
  switch (setting) {
    case Setting::enabled:
      return kEnabled;
    case Setting::failure:
      return kFailure;
    case Setting::pid:
      return kPid;
    case Setting::rate_limit:
      return kRateLimit;
    case Setting::backlog_limit:
      return kBacklogLimit;
    case Setting::backlog_wait_time:
      return kBacklogWaitTime;
    case Setting::lost:
      return kLost;
    case Setting::backlog_wait_time_actual:
      return kBacklogWaitTimeActual;
  }
  return kMask;
}

}  // namespace

Result<KernelStatus> decode_status(std::span<const std::byte> payload) {
  const std::size_t count = std::min<std::size_t>(payload.size() / sizeof(std::uint32_t), kWords);
  if (count < kOldestWords) {
    return fail(std::errc::bad_message,
                "the kernel's audit status has only " + std::to_string(payload.size()) + " bytes");
  }
  Words words{};
  std::memcpy(words.data(), payload.data(), count * sizeof(std::uint32_t));
  KernelStatus status;
  status.enabled = words[kEnabled];
  status.failure = words[kFailure];
  status.pid = words[kPid];
  status.rate_limit = words[kRateLimit];
  status.backlog_limit = words[kBacklogLimit];
  status.lost = words[kLost];
  status.backlog = words[kBacklog];
  status.features = words[kFeatures];
  status.backlog_wait_time = words[kBacklogWaitTime];
  status.backlog_wait_time_actual = words[kBacklogWaitTimeActual];
  status.has_backlog_wait_time = count > kBacklogWaitTime;
  status.has_backlog_wait_time_actual = count > kBacklogWaitTimeActual;
  return status;
}

StatusBytes encode_setting(Setting setting, std::uint32_t value) noexcept {
  Words words{};
  words[kMask] = static_cast<std::uint32_t>(setting);
  words[word_of(setting)] = value;
  StatusBytes bytes;
  std::memcpy(bytes.data(), words.data(), bytes.size());
  return bytes;
}

std::string_view setting_name(Setting setting) noexcept {
  switch (setting) {
    case Setting::enabled:
      return "enabled";
    case Setting::failure:
      return "failure";
    case Setting::pid:
      return "pid";
    case Setting::rate_limit:
      return "rate_limit";
    case Setting::backlog_limit:
      return "backlog_limit";
    case Setting::backlog_wait_time:
      return "backlog_wait_time";
    case Setting::lost:
      return "lost";
    case Setting::backlog_wait_time_actual:
      return "backlog_wait_time_actual";
  }
  return "unknown";
}

}  // namespace sorrel::netlink
