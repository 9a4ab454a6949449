#include "netlink/kernel_settings.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

namespace sorrel::netlink {
namespace {

struct Step {
  Setting setting;
  std::optional<std::uint32_t> KernelSettings::*wanted;
  std::uint32_t KernelStatus::*current;
};

// `enabled` comes last: 2 locks everything before it until the next boot.
constexpr std::array<Step, 5> kSteps = {{
    {Setting::backlog_limit, &KernelSettings::backlog_limit, &KernelStatus::backlog_limit},
    {Setting::backlog_wait_time, &KernelSettings::backlog_wait_time,
     &KernelStatus::backlog_wait_time},
    {Setting::rate_limit, &KernelSettings::rate_limit, &KernelStatus::rate_limit},
    {Setting::failure, &KernelSettings::failure, &KernelStatus::failure},
    {Setting::enabled, &KernelSettings::enabled, &KernelStatus::enabled},
}};

std::string describe(const SettingOutcome& outcome) {
  return std::string(setting_name(outcome.setting)) + " is " + std::to_string(outcome.before) +
         ", not " + std::to_string(outcome.wanted);
}

// Tries one setting that is not as wanted.
Result<SettingOutcome> apply_one(ControlSocket& control, const Step& step, std::uint32_t wanted,
                                 const KernelStatus& status) {
  SettingOutcome outcome{.setting = step.setting,
                         .before = status.*step.current,
                         .wanted = wanted,
                         .kind = SettingOutcome::Kind::changed,
                         .message = {}};
  if (status.locked()) {
    outcome.kind = SettingOutcome::Kind::locked;
    outcome.message = describe(outcome) +
                      ": the kernel's audit configuration is locked "
                      "(enabled 2) until the next boot";
    return outcome;
  }
  if (step.setting == Setting::backlog_wait_time && !status.has_backlog_wait_time) {
    outcome.kind = SettingOutcome::Kind::unknown;
    outcome.message = "backlog_wait_time: this kernel has no such setting (Linux 3.14)";
    return outcome;
  }
  if (auto set = control.set(step.setting, wanted); !set) {
    if (set.error().code == std::errc::timed_out) return Unexpected<Error>(std::move(set).error());
    outcome.kind = SettingOutcome::Kind::refused;
    outcome.message = describe(outcome) + ": " + set.error().to_string();
    return outcome;
  }
  outcome.message = std::string(setting_name(step.setting)) + " changed from " +
                    std::to_string(outcome.before) + " to " + std::to_string(wanted);
  return outcome;
}

}  // namespace

bool SettingsReport::ok() const noexcept {
  return std::none_of(outcomes.begin(), outcomes.end(), [](const SettingOutcome& outcome) {
    return outcome.kind == SettingOutcome::Kind::refused;
  });
}

Result<SettingsReport> apply_settings(ControlSocket& control, const KernelSettings& wanted) {
  auto status = control.status();
  if (!status) return Unexpected<Error>(std::move(status).error());
  SettingsReport report;
  report.status = *status;
  for (const Step& step : kSteps) {
    const auto value = wanted.*step.wanted;
    if (!value || (*status).*step.current == *value) continue;
    auto outcome = apply_one(control, step, *value, *status);
    if (!outcome) return Unexpected<Error>(std::move(outcome).error());
    report.outcomes.push_back(std::move(*outcome));
  }
  if (report.outcomes.empty()) return report;

  // An acknowledgement says that the request was taken, not what came of it.
  auto after = control.status();
  if (!after) return Unexpected<Error>(std::move(after).error());
  report.status = *after;
  for (SettingOutcome& outcome : report.outcomes) {
    if (outcome.kind != SettingOutcome::Kind::changed) continue;
    const auto step = std::find_if(kSteps.begin(), kSteps.end(), [&](const Step& candidate) {
      return candidate.setting == outcome.setting;
    });
    const std::uint32_t value = (*after).*(step->current);
    if (value == outcome.wanted) continue;
    outcome.kind = SettingOutcome::Kind::refused;
    outcome.message = std::string(setting_name(outcome.setting)) + " was set to " +
                      std::to_string(outcome.wanted) + ", but the kernel now says " +
                      std::to_string(value);
  }
  return report;
}

KernelSettings remember_settings(const KernelStatus& status, const KernelSettings& wanted) {
  KernelSettings saved;
  for (const Step& step : kSteps) {
    saved.*step.wanted = wanted.*step.wanted ? std::optional(status.*step.current) : std::nullopt;
  }
  if (!status.has_backlog_wait_time) saved.backlog_wait_time.reset();
  return saved;
}

}  // namespace sorrel::netlink
