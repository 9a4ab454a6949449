#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "netlink/control_socket.h"
#include "netlink/options.h"
#include "ruleset/rule_kernel.h"

namespace sorrel::ruleset {

// The rules of the running kernel, over a control socket of its own. Belongs to one thread. Adding
// takes some 0.1 ms, removing 16 to 20 ms with several processors: the kernel waits until nobody
// reads the old list.
class NetlinkRuleKernel final : public RuleKernel {
 public:
  // Errors: no audit in this kernel, no descriptor left.
  static Result<std::unique_ptr<NetlinkRuleKernel>> open(const Clock& clock);
  // `socket` must outlive it.
  explicit NetlinkRuleKernel(netlink::ControlSocket& socket) : socket_(socket) {}

  Result<KernelState> state() override;
  // Errors besides the kernel's: timed_out when the list has no end within the socket's limit,
  // bad_message when an answer is no rule, value_too_large beyond kMaxRules.
  Result<std::vector<Rule>> list() override;
  Status add(const Rule& rule) override;
  Status remove(const Rule& rule) override;
  Status set(Setting setting, std::uint32_t value) override;
  Status act(const OneTimeActions& actions) override;

  // The kernel has no limit; this is one for our memory.
  static constexpr std::size_t kMaxRules = 65'536;

 private:
  NetlinkRuleKernel(std::unique_ptr<netlink::ControlSocket> own)
      : own_(std::move(own)), socket_(*own_) {}

  std::unique_ptr<netlink::ControlSocket> own_;
  netlink::ControlSocket& socket_;
};

// The settings of a configuration, as rules have them.
SettingValues setting_values(const netlink::KernelSettings& settings) noexcept;

// What an errno of AUDIT_ADD_RULE or AUDIT_DEL_RULE means, and what to do about it.
std::string explain_rule_error(int error_number, bool is_add);

}  // namespace sorrel::ruleset
