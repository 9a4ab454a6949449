#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "ruleset/apply_lock.h"
#include "ruleset/diff.h"
#include "ruleset/plan.h"
#include "ruleset/rule.h"
#include "ruleset/rule_kernel.h"
#include "ruleset/rule_path.h"
#include "ruleset/settings.h"

// Makes the kernel hold what is wanted: sets limits, lists what is loaded, plans, changes step by
// step, lists again as the proof, and locks last. Nothing is remembered between two calls, so that
// what another program, the kernel itself or a kill in the middle has left is mended by the next
// one.
namespace sorrel::ruleset {

enum class Outcome : std::uint8_t {
  in_sync,       // nothing had to be changed
  would_change,  // check_only: something would be
  applied,
  needs_reboot,  // locked (enabled 2), and what is loaded is not what is wanted
  rolled_back,   // a step failed; what was loaded before is loaded again
  interrupted,   // is_cancelled said so; the next apply goes on from there
  failed,        // a step failed; nothing had been changed, or `rollback_error` says what remained
};

// A wanted rule whose path is missing: not loaded, and no failure.
struct PendingRule {
  Rule rule;
  std::string path;  // what has to appear
};

struct StepFailure {
  Step step;
  Error error;
};

struct SettingFailure {
  SettingChange change;
  Error error;
};

struct Progress {
  std::size_t done = 0;  // of this pass
  std::size_t total = 0;
  bool is_rollback = false;
  bool is_tidying = false;  // the pass that brings twins to the written form
};

struct ApplyOptions {
  bool check_only = false;
  // Twins that a change leaves are replaced by the rules as they are written, which compliance
  // scanners look for in `auditctl -l`. Off, a change has half of the deletions.
  bool written_form = true;
  SettingValues settings = {};  // what is wanted; nothing: left as it is
  OneTimeActions actions = {};  // done when the rules are as wanted, unless check_only
  std::function<void(const Progress&)> progress = {};
  // Asked before each step; true ends it there, with nothing rolled back.
  std::function<bool()> is_cancelled = {};
  // Held from the first listing to the last, unless check_only; null: none.
  const ApplyLock* lock = nullptr;
};

struct ApplyReport {
  Outcome outcome = Outcome::in_sync;
  std::vector<Rule> before;
  std::vector<Rule> after;
  Diff diff;  // of `before` and what is wanted, without what is pending
  std::vector<PendingRule> pending;
  std::vector<SettingChange> settings;  // those that were not as wanted
  std::size_t additions = 0;            // made, those of a rollback included
  std::size_t deletions = 0;
  std::optional<StepFailure> failure;
  std::optional<SettingFailure> setting_failure;
  std::optional<Error> rollback_error;
  std::optional<Error> action_error;  // of an action; nothing is undone for it
  bool is_locked = false;             // as found
  bool is_enabled = true;             // as left

  bool in_sync() const noexcept { return diff.in_sync() && settings.empty(); }
};

// Errors: the rules cannot be listed, or a list is not what it was made to be, and nothing is known
// then about what is loaded; the lock is held by another.
Result<ApplyReport> apply(RuleKernel& kernel, std::span<const Rule> wanted, const HostPaths& paths,
                          const ApplyOptions& options = {});

const char* outcome_name(Outcome outcome) noexcept;

}  // namespace sorrel::ruleset
