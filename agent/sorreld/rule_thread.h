#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/options.h"
#include "netlink/options.h"
#include "ruleset/apply_lock.h"
#include "ruleset/path_watch.h"
#include "ruleset/rule_kernel.h"
#include "sorreld/rule_keeper.h"
#include "sorreld/wakeup.h"

namespace sorrel::agent {

// The thread of the RuleKeeper. A rule that is deleted keeps it waiting for the kernel, 20 ms and
// more, which no other thread could spare.
class RuleThread {
 public:
  // Opens its socket; before privileges are dropped. `tell` is called on the thread. Errors: no
  // audit here, no descriptor left.
  static Result<std::unique_ptr<RuleThread>> open(const Clock& clock,
                                                  std::function<void(std::string body)> tell);
  ~RuleThread();

  void start(const config::RulesOptions& options, const netlink::KernelSettings& configured);
  // Ends a change at its next step; the next start goes on from there.
  void stop();

  // Any thread.
  void load(const config::RulesOptions& options, const netlink::KernelSettings& configured);
  void notice(RuleChange change);
  const RuleKeeper& keeper() const noexcept { return keeper_; }

 private:
  static constexpr std::size_t kMaxNoticed = 64;

  RuleThread(std::unique_ptr<ruleset::RuleKernel> kernel, std::optional<ruleset::ApplyLock> lock,
             Wakeup wakeup, const Clock& clock, std::function<void(std::string body)> tell);
  void run();
  void take_requests();

  std::unique_ptr<ruleset::RuleKernel> kernel_;
  std::optional<ruleset::ApplyLock> lock_;
  ruleset::SystemHostPaths paths_;
  ruleset::InotifyPathWatch watch_{paths_};
  RuleKeeper keeper_;
  Wakeup wakeup_;
  std::atomic<bool> ends_{false};
  std::mutex mutex_;  // of the two that follow
  struct Load {
    config::RulesOptions options;
    ruleset::SettingValues configured;
  };
  std::optional<Load> load_;
  std::vector<RuleChange> noticed_;  // beyond kMaxNoticed one look finds all of them anyway
  std::thread thread_;
};

}  // namespace sorrel::agent
