#include "sorreld/rule_thread.h"

#include <sys/prctl.h>

#include <utility>

#include "base/log.h"
#include "ruleset/netlink_rule_kernel.h"
#include "sorreld/rule_source.h"

namespace sorrel::agent {
Result<std::unique_ptr<RuleThread>> RuleThread::open(const Clock& clock,
                                                     std::function<void(std::string body)> tell) {
  auto kernel = ruleset::NetlinkRuleKernel::open(clock);
  if (!kernel) return Unexpected<Error>(std::move(kernel).error());
  auto wakeup = Wakeup::create();
  if (!wakeup) return Unexpected<Error>(std::move(wakeup).error());
  auto lock = ruleset::ApplyLock::open();
  if (!lock) {
    log(Level::warning, "nothing keeps sorrelctl rules apply from changing rules at the same time",
        {{"error", lock.error().to_string()}});
  }
  return std::unique_ptr<RuleThread>(
      new RuleThread(*std::move(kernel), lock ? std::optional(*std::move(lock)) : std::nullopt,
                     *std::move(wakeup), clock, std::move(tell)));
}

RuleThread::RuleThread(std::unique_ptr<ruleset::RuleKernel> kernel,
                       std::optional<ruleset::ApplyLock> lock, Wakeup wakeup, const Clock& clock,
                       std::function<void(std::string body)> tell)
    : kernel_(std::move(kernel)),
      lock_(std::move(lock)),
      keeper_(*kernel_, paths_, watch_, clock,
              {.read = [](const config::RulesOptions& options) { return read_rules(options); },
               .print = [](const ruleset::Rule& rule) { return print_rule(rule); },
               .tell = std::move(tell),
               .is_ending = [this] { return ends_.load(); },
               .lock = lock_ ? &*lock_ : nullptr}),
      wakeup_(std::move(wakeup)) {}

RuleThread::~RuleThread() {
  stop();
}

void RuleThread::start(const config::RulesOptions& options,
                       const netlink::KernelSettings& configured) {
  load(options, configured);
  thread_ = std::thread([this] {
    ::prctl(PR_SET_NAME, "rules");
    run();
  });
}

void RuleThread::stop() {
  ends_.store(true);
  wakeup_.notify();
  if (thread_.joinable()) thread_.join();
}

void RuleThread::load(const config::RulesOptions& options,
                      const netlink::KernelSettings& configured) {
  {
    const std::lock_guard lock(mutex_);
    load_ = Load{options, ruleset::setting_values(configured)};
  }
  wakeup_.notify();
}

void RuleThread::notice(RuleChange change) {
  {
    const std::lock_guard lock(mutex_);
    if (noticed_.size() < kMaxNoticed) noticed_.push_back(std::move(change));
  }
  wakeup_.notify();
}

void RuleThread::run() {
  while (!ends_.load()) {
    wakeup_.prepare();
    take_requests();
    const std::uint64_t wait_ns = keeper_.run_due();
    if (!ends_.load()) wakeup_.wait(wait_ns, watch_.fd());
    wakeup_.cancel();
  }
}

void RuleThread::take_requests() {
  std::optional<Load> load;
  std::vector<RuleChange> noticed;
  {
    const std::lock_guard lock(mutex_);
    load = std::exchange(load_, std::nullopt);
    noticed.swap(noticed_);
  }
  if (load) keeper_.load(load->options, load->configured);
  for (const RuleChange& change : noticed) keeper_.notice(change);
}

}  // namespace sorrel::agent
