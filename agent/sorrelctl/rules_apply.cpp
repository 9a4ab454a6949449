#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "commands.h"
#include "rules_change.h"
#include "rules_commands.h"

namespace sorrel::sorrelctl {
namespace {

using ruleset::ApplyReport;
using ruleset::Outcome;

constexpr int kExitDiffers = 2;
constexpr int kExitRolledBack = 3;
constexpr int kExitImmutable = 4;

constexpr const char* kApplyHelp =
    "usage: sorrelctl rules apply [OPTION...]\n"
    "\n"
    "Makes the kernel's audit rules and settings those of the files, by the smallest change and\n"
    "without a gap: at every moment every event meets the old or the new rules. A step that fails\n"
    "is undone. -e is set last, when the rules are as wanted.\n"
    "\n"
    "  --rules PATH    a file, a folder of *.rules, or - for standard input; may be repeated.\n"
    "                  Default: rules.paths of the configuration, else /etc/audit/rules.d\n"
    "  --config FILE   sorreld's configuration; default: /etc/sorrel/sorrel.yaml\n"
    "  --check         change nothing; say whether something would change\n"
    "  --keep-foreign  leave loaded rules that are not in the files\n"
    "  --leave-twins   leave rules in another form of the same meaning, where the change made "
    "them\n"
    "  --as-written    leave the rules as they are written; or, one by one, --no-narrow-folders,\n"
    "                  --no-merge, --no-never-first (see sorrel.yaml(5), rules)\n"
    "  --json          one JSON object\n"
    "  --help          this text\n"
    "\n"
    "Exit status: 0 in sync, or applied; 2 would change (--check); 1 failed, nothing changed;\n"
    "3 failed and undone; 4 rules are locked until the next boot and differ.\n";

// A line that is written over while a long change goes on.
class ProgressLine {
 public:
  void show(const ruleset::Progress& now) {
    const auto time = std::chrono::steady_clock::now();
    if (!is_terminal_ || time < next_) return;
    next_ = time + std::chrono::milliseconds(100);
    const char* const what = now.is_rollback  ? "undoing"
                             : now.is_tidying ? "bringing rules to their written form"
                                              : "changing rules";
    std::fprintf(stderr, "\r\033[K%s: %zu of %zu", what, now.done, now.total);
    is_shown_ = true;
  }
  ~ProgressLine() {
    if (is_shown_) std::fputs("\r\033[K", stderr);
  }

 private:
  const bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
  // What is quick needs none.
  std::chrono::steady_clock::time_point next_ =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  bool is_shown_ = false;
};

void show_failure(const ApplyReport& report, const KernelHost& host) {
  if (report.failure) {
    const char* const what =
        report.failure->step.kind == ruleset::StepKind::add ? "adding" : "removing";
    fail_with("apply",
              std::string(what) + " '" + host.print(report.failure->step.rule) +
                  "': " + report.failure->error.to_string(),
              0);
  }
  if (report.setting_failure) {
    fail_with("apply",
              "setting " + setting_text(report.setting_failure->change) + ": " +
                  report.setting_failure->error.to_string(),
              0);
  }
  if (report.action_error) fail_with("apply", report.action_error->to_string(), 0);
  if (report.rollback_error) {
    fail_with("apply",
              "what was changed before could not be undone: " + report.rollback_error->to_string() +
                  "; apply again heals it",
              0);
  }
}

int apply_status(const ApplyReport& report) {
  if (report.action_error) return kExitFailed;
  switch (report.outcome) {
    case Outcome::in_sync:
    case Outcome::applied:
      return kExitOk;
    case Outcome::would_change:
      return kExitDiffers;
    case Outcome::rolled_back:
      return kExitRolledBack;
    case Outcome::needs_reboot:
      return kExitImmutable;
    case Outcome::interrupted:
    case Outcome::failed:
      return kExitFailed;
  }
  return kExitFailed;
}

// What waits for its path cannot be loaded behind a lock.
void warn_of_lock(const ApplyReport& report) {
  const bool locks = std::ranges::any_of(report.settings, [](const auto& change) {
    return change.setting == ruleset::Setting::enabled && change.wanted == 2;
  });
  if (!locks || report.pending.empty()) return;
  fail_with("apply", "rules are locked now: those that wait cannot be loaded before the next boot",
            0);
}

void show_apply(const ApplyReport& report, const KernelHost& host) {
  const std::string difference = ruleset::summary(report.diff);
  for (const ruleset::SettingChange& change : report.settings) put(setting_text(change));
  switch (report.outcome) {
    case Outcome::in_sync:
      put("in sync: " + difference);
      break;
    case Outcome::would_change:
      put("would change: " + difference);
      break;
    case Outcome::applied:
      put("applied: " + difference);
      break;
    case Outcome::needs_reboot:
      put("rules are locked (enabled 2) until the next boot: " + difference);
      break;
    case Outcome::rolled_back:
      put("failed; the rules of before are loaded again");
      break;
    case Outcome::interrupted:
    case Outcome::failed:
      put(report.rollback_error ? "failed" : "failed; nothing was changed");
      break;
  }
  if (!report.is_enabled) put("note: audit is off (enabled 0), so no rule has an effect");
  show_pending(report, host);
  warn_of_lock(report);
  show_failure(report, host);
}

// A host on which the lock cannot be made has rules to be loaded all the same.
std::optional<ruleset::ApplyLock> open_lock(bool is_check) {
  if (is_check) return std::nullopt;
  auto lock = ruleset::ApplyLock::open();
  if (lock) return *std::move(lock);
  fail_with("apply", "going on without the lock: " + lock.error().to_string(), 0);
  return std::nullopt;
}

}  // namespace

int run_rules_apply(int argc, char** argv) {
  int status = kExitOk;
  const auto options = begin_kernel_rules(argc, argv, kApplyHelp, status);
  if (!options) return status;
  KernelHost host;
  const auto lock = open_lock(options->check);
  const auto change = [&] {
    ProgressLine line;
    return change_rules("apply", host, *options,
                        {.check_only = options->check,
                         .written_form = options->written_form,
                         .progress = [&](const ruleset::Progress& now) { line.show(now); },
                         .lock = lock ? &*lock : nullptr});
  }();
  if (!change) return fail_with("apply", change.error().to_string(), kExitFailed);
  if (options->json) {
    std::printf("%s\n", json_report(change->report, options->check, host.printer()).c_str());
  } else {
    show_apply(change->report, host);
  }
  return apply_status(change->report);
}

}  // namespace sorrel::sorrelctl
