#include "ruleset/apply.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ruleset/rule_form.h"

namespace sorrel::ruleset {
namespace {

// A plan is made again when a path vanished meanwhile or somebody else changed the rules, and for
// the written form. Three passes are enough for the form (see the property test).
constexpr int kMaxPasses = 12;

enum class StepsEnd : std::uint8_t { done, stale, failed, cancelled };

bool is_error(const Status& status, int error_number) {
  return status.error().code == std::error_code(error_number, std::generic_category());
}

class Application {
 public:
  Application(RuleKernel& kernel, std::span<const Rule> wanted, const HostPaths& paths,
              const ApplyOptions& options)
      : kernel_(kernel), paths_(paths), options_(options), wanted_(effective_order(wanted)) {}

  Result<ApplyReport> run();

 private:
  Status look();
  void set_aside_missing();
  void set_aside(std::size_t at, std::string path);
  bool is_reached(const std::vector<Rule>& loaded) const;
  Status change();
  Status change_rules();
  bool set(bool locks);
  void restore_settings();
  void finish();
  void act();
  StepsEnd run_steps(const Plan& plan, Progress progress);
  StepsEnd after_failed_add(const Step& step, const Status& done);
  void roll_back();

  RuleKernel& kernel_;
  const HostPaths& paths_;
  const ApplyOptions& options_;
  std::vector<Rule> wanted_;  // without what is pending
  std::vector<SettingChange> set_;
  ApplyReport report_;
};

Result<ApplyReport> Application::run() {
  if (const Status looked = look(); !looked) return Unexpected<Error>(looked.error());
  set_aside_missing();
  report_.diff = compare_ordered(report_.before, wanted_);
  report_.after = report_.before;
  const bool is_as_wanted = report_.settings.empty() && is_reached(report_.before);
  if (is_as_wanted) {
    report_.outcome = Outcome::in_sync;
  } else if (report_.is_locked) {
    // A twin does what its rule does.
    report_.outcome = report_.in_sync() ? Outcome::in_sync : Outcome::needs_reboot;
  } else if (options_.check_only) {
    report_.outcome = Outcome::would_change;
  } else if (const Status changed = change(); !changed) {
    return Unexpected<Error>(changed.error());
  }
  act();
  return std::move(report_);
}

Status Application::look() {
  const auto state = kernel_.state();
  if (!state) return Unexpected<Error>(state.error());
  report_.is_locked = state->is_locked;
  report_.is_enabled = state->is_enabled;
  report_.settings = compare_settings(state->settings, options_.settings);
  auto listed = kernel_.list();
  if (!listed) return Unexpected<Error>(std::move(listed).error());
  report_.before = *std::move(listed);
  return Ok{};
}

// Before planning: a rule that cannot be loaded would have everything behind it planned anew each
// time.
void Application::set_aside_missing() {
  for (std::size_t at = 0; at < wanted_.size();) {
    auto path = missing_path(wanted_[at], paths_);
    if (!path) {
      ++at;
      continue;
    }
    set_aside(at, *std::move(path));
  }
}

void Application::set_aside(std::size_t at, std::string path) {
  report_.pending.push_back({.rule = std::move(wanted_[at]), .path = std::move(path)});
  wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(at));
}

bool Application::is_reached(const std::vector<Rule>& loaded) const {
  // The usual case, without a comparison that could tell what differs.
  if (std::ranges::equal(loaded, wanted_, is_identical)) return true;
  const Diff diff = compare_ordered(loaded, wanted_);
  return options_.written_form ? diff.is_exact() : diff.in_sync();
}

Status Application::change() {
  if (!set(false)) return Ok{};
  if (is_reached(report_.before)) {
    report_.outcome = Outcome::applied;
  } else if (const Status changed = change_rules(); !changed) {
    return changed;
  }
  finish();
  return Ok{};
}

// False: one was refused; what was set before it is as it was.
bool Application::set(bool locks) {
  for (const SettingChange& change : report_.settings) {
    if (is_lock(change.setting) != locks) continue;
    if (const Status done = kernel_.set(change.setting, change.wanted); !done) {
      report_.setting_failure = SettingFailure{.change = change, .error = done.error()};
      report_.outcome = Outcome::failed;
      restore_settings();
      return false;
    }
    set_.push_back(change);
    if (change.setting == Setting::enabled) report_.is_enabled = change.wanted != 0;
  }
  return true;
}

void Application::restore_settings() {
  for (; !set_.empty(); set_.pop_back()) {
    const SettingChange& change = set_.back();
    if (change.setting == Setting::loginuid_immutable) continue;  // holds until a reboot
    const Status done = kernel_.set(change.setting, change.before);
    if (!done && !report_.rollback_error) report_.rollback_error = done.error();
  }
}

// A lock only where the rules are as wanted: they could not be brought in order behind it.
void Application::finish() {
  if (report_.outcome == Outcome::rolled_back || report_.outcome == Outcome::failed) {
    restore_settings();
  } else if (report_.outcome != Outcome::interrupted) {
    if (!report_.settings.empty()) report_.outcome = Outcome::applied;
    if (!set(true) && report_.additions + report_.deletions != 0) roll_back();
  }
}

void Application::act() {
  if (options_.check_only || options_.actions.empty()) return;
  if (report_.outcome != Outcome::applied && report_.outcome != Outcome::in_sync) return;
  if (const Status done = kernel_.act(options_.actions); !done) report_.action_error = done.error();
}

Status Application::change_rules() {
  bool is_tidying = report_.diff.in_sync();
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    const auto plan =
        plan_ordered(report_.after, wanted_,
                     {.exact_form = is_tidying, .exact_form_follows = options_.written_form});
    if (!plan) return Unexpected<Error>(plan.error());
    const StepsEnd end = run_steps(*plan, {.total = plan->steps.size(), .is_tidying = is_tidying});
    if (end == StepsEnd::failed) {
      roll_back();
      return Ok{};
    }
    if (end == StepsEnd::cancelled) {
      report_.outcome = Outcome::interrupted;
      return Ok{};
    }
    auto listed = kernel_.list();
    if (!listed) return Unexpected<Error>(std::move(listed).error());
    report_.after = *std::move(listed);
    if (is_reached(report_.after)) {
      const bool has_changed = report_.additions + report_.deletions != 0;
      report_.outcome = has_changed ? Outcome::applied : Outcome::in_sync;
      return Ok{};
    }
    is_tidying = compare_ordered(report_.after, wanted_).in_sync();
  }
  return fail(std::errc::resource_unavailable_try_again,
              "the rules that are loaded are not those that were added and deleted: another "
              "program changes them at the same time, or the kernel lists a rule in another form");
}

StepsEnd Application::run_steps(const Plan& plan, Progress progress) {
  for (const Step& step : plan.steps) {
    if (options_.is_cancelled && options_.is_cancelled()) return StepsEnd::cancelled;
    const Status done =
        step.kind == StepKind::add ? kernel_.add(step.rule) : kernel_.remove(step.rule);
    if (done) {
      ++(step.kind == StepKind::add ? report_.additions : report_.deletions);
    } else if (step.kind == StepKind::remove && is_error(done, ENOENT)) {
      // It went by itself, as a rule does whose folder is removed.
    } else if (step.kind == StepKind::add) {
      return after_failed_add(step, done);
    } else {
      report_.failure = StepFailure{.step = step, .error = done.error()};
      return StepsEnd::failed;
    }
    ++progress.done;
    if (options_.progress) options_.progress(progress);
  }
  return StepsEnd::done;
}

StepsEnd Application::after_failed_add(const Step& step, const Status& done) {
  if (is_error(done, EEXIST)) return StepsEnd::stale;
  const std::string meaning = meaning_key(step.rule);
  const auto rule = std::ranges::find_if(
      wanted_, [&](const Rule& wanted) { return meaning_key(wanted) == meaning; });
  const bool is_missing = is_error(done, ENOENT) || is_error(done, ENOTDIR);
  if (!is_missing || rule == wanted_.end()) {
    report_.failure = StepFailure{.step = step, .error = done.error()};
    return StepsEnd::failed;
  }
  auto path = missing_path(*rule, paths_);
  set_aside(static_cast<std::size_t>(rule - wanted_.begin()), path ? *std::move(path) : "");
  return StepsEnd::stale;
}

// By the same way without a gap, from whatever is loaded now to what was before.
void Application::roll_back() {
  if (report_.additions + report_.deletions == 0) {
    report_.outcome = Outcome::failed;
    return;
  }
  const auto is_restored = [&] { return compare(report_.after, report_.before).is_exact(); };
  const auto failure = std::exchange(report_.failure, std::nullopt);
  wanted_ = effective_order(report_.before);
  report_.outcome = Outcome::failed;
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    auto listed = kernel_.list();
    if (!listed) {
      report_.rollback_error = listed.error();
      break;
    }
    report_.after = *std::move(listed);
    if (is_restored()) {
      report_.outcome = Outcome::rolled_back;
      break;
    }
    const bool is_tidying = compare_ordered(report_.after, wanted_).in_sync();
    const auto plan = plan_ordered(report_.after, wanted_,
                                   {.exact_form = is_tidying, .exact_form_follows = true});
    if (!plan) {
      report_.rollback_error = plan.error();
      break;
    }
    const Progress progress{
        .total = plan->steps.size(), .is_rollback = true, .is_tidying = is_tidying};
    const StepsEnd end = run_steps(*plan, progress);
    if (end == StepsEnd::cancelled) {
      report_.outcome = Outcome::interrupted;
      break;
    }
    if (end == StepsEnd::failed) {
      report_.rollback_error = report_.failure->error;
      break;
    }
  }
  report_.failure = failure;
  if (report_.outcome == Outcome::failed && !report_.rollback_error) {
    report_.rollback_error =
        Error{std::make_error_code(std::errc::resource_unavailable_try_again),
              "what was loaded before could not be brought back in all its parts"};
  }
}

}  // namespace

Result<ApplyReport> apply(RuleKernel& kernel, std::span<const Rule> wanted, const HostPaths& paths,
                          const ApplyOptions& options) {
  std::optional<ApplyLock::Held> held;
  if (options.lock != nullptr && !options.check_only) {
    auto got = options.lock->hold(options.is_cancelled);
    if (!got) return Unexpected<Error>(std::move(got).error());
    held.emplace(*std::move(got));
  }
  return Application(kernel, wanted, paths, options).run();
}

const char* outcome_name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::in_sync:
      return "in_sync";
    case Outcome::would_change:
      return "would_change";
    case Outcome::applied:
      return "applied";
    case Outcome::needs_reboot:
      return "needs_reboot";
    case Outcome::rolled_back:
      return "rolled_back";
    case Outcome::interrupted:
      return "interrupted";
    case Outcome::failed:
      return "failed";
  }
  return "unknown";
}

}  // namespace sorrel::ruleset
