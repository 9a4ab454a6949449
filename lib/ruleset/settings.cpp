#include "ruleset/settings.h"

#include <algorithm>

namespace sorrel::ruleset {
namespace {

constexpr std::uint32_t kLocked = 2;

std::uint32_t larger_limit(std::uint32_t left, std::uint32_t right) noexcept {
  constexpr std::uint32_t kNoLimit = 0;
  if (left == kNoLimit || right == kNoLimit) return kNoLimit;
  return std::max(left, right);
}

}  // namespace

std::string_view setting_name(Setting setting) noexcept {
  switch (setting) {
    case Setting::backlog_limit:
      return "backlog_limit";
    case Setting::backlog_wait_time:
      return "backlog_wait_time";
    case Setting::rate_limit:
      return "rate_limit";
    case Setting::failure:
      return "failure";
    case Setting::loginuid_immutable:
      return "loginuid_immutable";
    case Setting::enabled:
      return "enabled";
  }
  return "unknown";
}

std::array<Setting, kSettings> all_settings() noexcept {
  return {Setting::backlog_limit, Setting::backlog_wait_time,  Setting::rate_limit,
          Setting::failure,       Setting::loginuid_immutable, Setting::enabled};
}

bool is_lock(Setting setting) noexcept {
  return setting == Setting::loginuid_immutable || setting == Setting::enabled;
}

SettingValues merge_settings(const SettingValues& configured, const SettingValues& files) {
  SettingValues merged = files;
  for (const Setting setting : all_settings()) {
    if (!configured[setting]) continue;
    const bool is_in_both = setting == Setting::backlog_limit && files[setting];
    merged[setting] =
        is_in_both ? larger_limit(*configured[setting], *files[setting]) : *configured[setting];
  }
  return merged;
}

std::vector<SettingChange> compare_settings(const SettingValues& now, const SettingValues& wanted) {
  std::vector<SettingChange> changes;
  for (const Setting setting : all_settings()) {
    if (!wanted[setting] || !now[setting] || *wanted[setting] == *now[setting]) continue;
    const bool is_on = setting == Setting::enabled && *now[setting] == kLocked;
    if (is_on && *wanted[setting] == 1) continue;
    changes.push_back({setting, *now[setting], *wanted[setting]});
  }
  return changes;
}

std::string setting_text(const SettingChange& change) {
  return std::string(setting_name(change.setting)) + ' ' + std::to_string(change.before) + " -> " +
         std::to_string(change.wanted);
}

}  // namespace sorrel::ruleset
