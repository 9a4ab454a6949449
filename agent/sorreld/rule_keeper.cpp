#include "sorreld/rule_keeper.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "ruleset/diff.h"
#include "ruleset/plan.h"
#include "ruleset/rule_form.h"
#include "sorreld/lifecycle.h"

namespace sorrel::agent {
namespace {

using ruleset::ApplyReport;
using ruleset::Outcome;

constexpr std::uint64_t kNsPerS = 1'000'000'000;

std::string counts(const ruleset::Diff& diff) {
  return " added=" + std::to_string(diff.added.size()) +
         " removed=" + std::to_string(diff.removed.size()) +
         " moved=" + std::to_string(diff.moved.size());
}

bool is_good(Outcome outcome) {
  return outcome == Outcome::in_sync || outcome == Outcome::applied;
}

std::string reason(const ApplyReport& report) {
  if (report.outcome == Outcome::needs_reboot) {
    return "rules are locked (enabled 2) until the next boot";
  }
  std::string text = report.failure ? report.failure->error.to_string() : "";
  if (report.setting_failure) {
    text = setting_text(report.setting_failure->change) + ": " +
           report.setting_failure->error.to_string();
  }
  if (report.rollback_error) text += "; not undone: " + report.rollback_error->to_string();
  return text;
}

// "backlog_limit 8192 -> 65536, failure 0 -> 1"
std::string settings_text(const ApplyReport& report) {
  std::string text;
  for (const ruleset::SettingChange& change : report.settings) {
    text += (text.empty() ? "" : ", ") + setting_text(change);
  }
  return text;
}

}  // namespace

void RuleKeeper::load(const config::RulesOptions& options,
                      const ruleset::SettingValues& configured) {
  options_ = options;
  configured_ = configured;
  load_is_due_ = true;
}

void RuleKeeper::notice(const RuleChange& change) {
  // What another process did names it; our own changes, and the kernel's, name nobody.
  if (change.has_process && change.pid == static_cast<std::uint32_t>(::getpid())) return;
  if (options_.paths.empty() || options_.drift == config::Drift::off) return;
  if (change.has_process || !last_change_) last_change_ = change;
  next_check_ns_ = std::min(next_check_ns_, clock_.monotonic_ns() + kSettleNs);
}

std::uint64_t RuleKeeper::run_due() {
  // Of a path that appeared the files are read again: -w makes another rule of a folder than of a
  // file.
  const bool has_appeared = !pending_.empty() && watch_.appeared();
  if (std::exchange(load_is_due_, false) || has_appeared) {
    load_now();
    plan_next_check();
  } else if (!options_.paths.empty() && clock_.monotonic_ns() >= next_check_ns_) {
    check_now();
    plan_next_check();
  }
  std::uint64_t next_ns = next_check_ns_;
  if (const std::uint32_t poll_ms = watch_.poll_ms(); poll_ms != 0) {
    next_ns = std::min(next_ns, clock_.monotonic_ns() + poll_ms * std::uint64_t{1'000'000});
  }
  if (next_ns == kNever) return kNever;
  const std::uint64_t now_ns = clock_.monotonic_ns();
  return next_ns > now_ns ? next_ns - now_ns : 0;
}

void RuleKeeper::plan_next_check() {
  const bool looks = !options_.paths.empty() && options_.drift != config::Drift::off;
  std::uint64_t wait_ns = looks && options_.check_s != 0 ? options_.check_s * kNsPerS : kNever;
  // What could not be brought in order is tried again, though not without end in haste.
  if (looks && options_.drift == config::Drift::repair && !in_sync_.load()) {
    wait_ns = std::min(wait_ns, kRetryNs);
  }
  next_check_ns_ = wait_ns == kNever ? kNever : clock_.monotonic_ns() + wait_ns;
}

ruleset::ApplyOptions RuleKeeper::how(bool check_only) const {
  return {.check_only = check_only,
          .written_form = options_.written_form,
          .settings = wanted_.settings,
          .is_cancelled = hooks_.is_ending,
          .lock = hooks_.lock};
}

void RuleKeeper::load_now() {
  is_kept_.store(!options_.paths.empty());
  if (options_.paths.empty()) {
    // Once kept and now left alone: what is loaded stays.
    wanted_ = {};
    pending_.clear();
    pending_count_.store(0);
    in_sync_.store(true);
    watch_.wait_for({});
    return;
  }
  auto read = hooks_.read(options_);
  if (!read) {
    tell_error("rules-unreadable", read.error());
    return;
  }
  own_ = std::exchange(wanted_, *std::move(read)).rules;
  wanted_.settings = ruleset::merge_settings(configured_, wanted_.settings);
  last_change_.reset();
  told_.clear();
  ruleset::ApplyOptions options = how(false);
  options.actions = wanted_.actions;
  const auto report = ruleset::apply(kernel_, target(), paths_, options);
  if (!report) {
    in_sync_.store(false);
    tell_error("rules-loaded", report.error());
    return;
  }
  take(*report);
  tell_load(*report);
}

// With foreign rules to be kept, they are wanted where they are.
std::vector<ruleset::Rule> RuleKeeper::target() {
  if (!options_.keep_foreign) return wanted_.rules;
  const auto loaded = kernel_.list();
  return loaded ? ruleset::keep_foreign(*loaded, wanted_.rules, own_) : wanted_.rules;
}

void RuleKeeper::check_now() {
  const std::vector<ruleset::Rule> rules = target();
  const auto found = ruleset::apply(kernel_, rules, paths_, how(true));
  if (!found) {
    tell_error("rules-unknown", found.error());
    return;
  }
  if (found->outcome == Outcome::in_sync) {
    take(*found);
    last_change_.reset();
    told_.clear();
    return;
  }
  const bool is_expected = found->settings.empty() && only_armed(found->diff);
  if (!is_expected && options_.drift == config::Drift::alert) {
    in_sync_.store(found->in_sync());
    if (!found->in_sync()) tell_drift(*found, std::nullopt);
    return;
  }
  const auto done = ruleset::apply(kernel_, rules, paths_, how(false));
  if (!done) {
    in_sync_.store(false);
    tell_error("rules-drift", done.error());
    return;
  }
  take(*done);
  if (is_expected) return tell_load(*done);
  if (!found->in_sync()) tell_drift(*found, *done);
}

// Whether all that differs are rules that waited for their path.
bool RuleKeeper::only_armed(const ruleset::Diff& diff) const {
  if (diff.added.empty() || !diff.removed.empty() || !diff.moved.empty()) return false;
  return std::ranges::all_of(diff.added, [this](const ruleset::Rule& rule) {
    return std::ranges::any_of(pending_, [&](const ruleset::PendingRule& waiting) {
      return ruleset::meaning_key(waiting.rule) == ruleset::meaning_key(rule);
    });
  });
}

void RuleKeeper::take(const ApplyReport& report) {
  in_sync_.store(is_good(report.outcome));
  loaded_count_.store(static_cast<std::uint32_t>(report.after.size()));
  std::vector<std::string> paths;
  std::vector<std::string> before;
  for (const auto& waiting : report.pending) paths.push_back(waiting.path);
  for (const auto& waiting : pending_) before.push_back(waiting.path);
  pending_ = report.pending;
  pending_count_.store(static_cast<std::uint32_t>(pending_.size()));
  watch_.wait_for(paths);
  if (paths == before) return;
  for (const auto& waiting : pending_) {
    log(Level::warning, "a rule waits for its path to appear",
        {{"path", waiting.path}, {"rule", hooks_.print(waiting.rule)}});
  }
  hooks_.tell("op=rules-pending count=" + std::to_string(pending_.size()) +
              " path=" + quoted(paths.empty() ? "" : paths.front()) + " res=success");
}

void RuleKeeper::tell_load(const ApplyReport& report) {
  const bool good = is_good(report.outcome);
  log(good ? Level::info : Level::error, "audit rules",
      {{"outcome", ruleset::outcome_name(report.outcome)},
       {"rules", std::to_string(report.after.size())},
       {"difference", ruleset::summary(report.diff)},
       {"pending", std::to_string(report.pending.size())},
       {"settings", settings_text(report)},
       {"reason", reason(report)},
       {"rule", report.failure ? hooks_.print(report.failure->step.rule) : ""}});
  std::string body = "op=rules-loaded outcome=";
  body += ruleset::outcome_name(report.outcome);
  body += " rules=" + std::to_string(report.after.size()) + counts(report.diff) +
          " pending=" + std::to_string(report.pending.size());
  if (!report.settings.empty()) body += " settings=" + quoted(settings_text(report));
  if (!good) body += " reason=" + quoted(reason(report));
  if (report.failure) body += " rule=" + quoted(hooks_.print(report.failure->step.rule));
  hooks_.tell(body + (good ? " res=success" : " res=failed"));
  if (report.action_error) {
    log(Level::warning, "an option of the rules files was not carried out",
        {{"error", report.action_error->to_string()}});
  }
}

void RuleKeeper::tell_drift(const ApplyReport& found, const std::optional<ApplyReport>& done) {
  const ruleset::Diff& diff = found.diff;
  const ruleset::Rule* const rule = !diff.added.empty()     ? &diff.added.front()
                                    : !diff.removed.empty() ? &diff.removed.front()
                                    : !diff.moved.empty()   ? &diff.moved.front().rule
                                                            : nullptr;
  const bool is_repaired = done && is_good(done->outcome);
  // Seen from what is wanted: `missing` rules were removed, `foreign` ones added by somebody.
  std::string body = "op=rules-drift action=";
  body += !done ? "alert" : is_repaired ? "repaired" : ruleset::outcome_name(done->outcome);
  body += " missing=" + std::to_string(diff.added.size()) +
          " foreign=" + std::to_string(diff.removed.size()) +
          " moved=" + std::to_string(diff.moved.size());
  if (rule != nullptr) body += " rule=" + quoted(hooks_.print(*rule));
  if (!found.settings.empty()) body += " settings=" + quoted(settings_text(found));
  const bool is_known = body == told_;
  told_ = is_repaired ? "" : body;
  const std::optional<RuleChange> by = std::exchange(last_change_, std::nullopt);
  if (is_known && !by) return;
  body += " by=" + std::string(by && by->has_process ? "process" : by ? "kernel" : "unknown");
  if (by) body += ' ' + by->who();
  if (done && !is_repaired) body += " reason=" + quoted(reason(*done));
  log(Level::warning, "the kernel's audit rules were not those of the files", {{"what", body}});
  hooks_.tell(body + (!done || is_repaired ? " res=success" : " res=failed"));
}

void RuleKeeper::tell_error(const char* op, const Error& error) {
  log(Level::error, "audit rules", {{"op", op}, {"error", error.to_string()}});
  hooks_.tell("op=" + std::string(op) + " outcome=failed reason=" + quoted(error.to_string()) +
              " res=failed");
}

}  // namespace sorrel::agent
