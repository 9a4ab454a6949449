#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/options.h"
#include "ruleset/apply.h"
#include "ruleset/path_watch.h"
#include "ruleset/rule_kernel.h"
#include "sorreld/rule_change.h"

namespace sorrel::agent {

// Makes the kernel's rules and settings those of the files, and keeps them so: at the start, on a
// reload, when somebody changed them, when a path appeared that a rule waits for, and every
// check_interval.
// Belongs to one thread, since a change may take seconds; see RuleThread.
//
// The first load comes after the registration. Rules that were active before would make events
// that nobody receives (without audit=1 the kernel drops them uncounted), and deletions would hold
// the registration up. What was loaded already goes on deciding meanwhile.
class RuleKeeper {
 public:
  // What the files ask for, and the configuration where it says more.
  struct Wanted {
    std::vector<ruleset::Rule> rules;
    ruleset::SettingValues settings;
    ruleset::OneTimeActions actions;  // by each load, never by a look
  };
  struct Hooks {
    // Reads and compiles the files. Errors: what is wrong with them; the old rules then stay.
    std::function<Result<Wanted>(const config::RulesOptions&)> read;
    std::function<std::string(const ruleset::Rule&)> print;
    // The body of a SORREL_HEALTH event.
    std::function<void(std::string body)> tell;
    // True ends a change at its next step.
    std::function<bool()> is_ending;
    const ruleset::ApplyLock* lock = nullptr;
  };

  RuleKeeper(ruleset::RuleKernel& kernel, const ruleset::HostPaths& paths,
             ruleset::PathWatch& watch, const Clock& clock, Hooks hooks)
      : kernel_(kernel), paths_(paths), watch_(watch), clock_(clock), hooks_(std::move(hooks)) {}

  // Loads the rules of these files at the next run_due(). `configured`: the settings that the
  // configuration has; they win over those of the files, see ruleset::merge_settings().
  void load(const config::RulesOptions& options, const ruleset::SettingValues& configured = {});
  // Looks soon whether the rules are still ours: a person's changes come in bursts.
  void notice(const RuleChange& change);
  // Does what is due. Returns after how many nanoseconds to call it again; UINT64_MAX: not by
  // itself.
  std::uint64_t run_due();

  // Any thread: rules that are loaded, wanted ones whose path is missing, whether what is loaded is
  // what is wanted, and whether files are configured at all.
  std::uint32_t loaded() const noexcept { return loaded_count_.load(); }
  std::uint32_t pending() const noexcept { return pending_count_.load(); }
  bool in_sync() const noexcept { return in_sync_.load(); }
  bool is_kept() const noexcept { return is_kept_.load(); }

 private:
  static constexpr std::uint64_t kNever = UINT64_MAX;
  static constexpr std::uint64_t kSettleNs = 200'000'000;
  static constexpr std::uint64_t kRetryNs = 30'000'000'000;

  void load_now();
  void check_now();
  std::vector<ruleset::Rule> target();
  ruleset::ApplyOptions how(bool check_only) const;
  void take(const ruleset::ApplyReport& report);
  bool only_armed(const ruleset::Diff& diff) const;
  void tell_drift(const ruleset::ApplyReport& found,
                  const std::optional<ruleset::ApplyReport>& done);
  void tell_load(const ruleset::ApplyReport& report);
  void tell_error(const char* op, const Error& error);
  void plan_next_check();

  ruleset::RuleKernel& kernel_;
  const ruleset::HostPaths& paths_;
  ruleset::PathWatch& watch_;
  const Clock& clock_;
  const Hooks hooks_;
  config::RulesOptions options_;
  ruleset::SettingValues configured_;
  Wanted wanted_;
  std::vector<ruleset::Rule> own_;  // of the files before: what keep_foreign must not keep
  std::vector<ruleset::PendingRule> pending_;
  std::optional<RuleChange> last_change_;  // by another, since the last look
  std::string told_;  // the drift that was told and not repaired: once is enough
  bool load_is_due_ = false;
  std::uint64_t next_check_ns_ = kNever;
  std::atomic<std::uint32_t> loaded_count_{0};
  std::atomic<std::uint32_t> pending_count_{0};
  std::atomic<bool> is_kept_{false};
  std::atomic<bool> in_sync_{true};
};

}  // namespace sorrel::agent
