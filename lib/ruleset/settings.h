#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What rules files say beside rules: -b, -f, -r, -e and their long siblings.
namespace sorrel::ruleset {

// In the order in which they are set: limits before the rules, and what locks after them.
enum class Setting : std::uint8_t {
  backlog_limit,       // -b: records; 0 is no limit
  backlog_wait_time,   // --backlog_wait_time: jiffies
  rate_limit,          // -r: records a second; 0 is no limit
  failure,             // -f: 0 silent, 1 printk, 2 panic
  loginuid_immutable,  // 1: an auid once set stays; it cannot be taken back before a reboot
  enabled,             // -e: 0 off, 1 on, 2 on and locked until a reboot
};
inline constexpr std::size_t kSettings = 6;

// A value for each setting; nothing: the file does not say, or the kernel does not have it.
class SettingValues {
 public:
  std::optional<std::uint32_t>& operator[](Setting setting) noexcept {
    return values_[static_cast<std::size_t>(setting)];
  }
  const std::optional<std::uint32_t>& operator[](Setting setting) const noexcept {
    return values_[static_cast<std::size_t>(setting)];
  }
  friend bool operator==(const SettingValues&, const SettingValues&) = default;

 private:
  std::array<std::optional<std::uint32_t>, kSettings> values_{};
};

// What is done once by each load rather than kept.
struct OneTimeActions {
  bool trim = false;                                             // -t
  std::vector<std::pair<std::string, std::string>> equivalents;  // -q: mount, subtree
  bool reset_lost = false;
  bool reset_wait_time_actual = false;

  bool empty() const noexcept {
    return !trim && equivalents.empty() && !reset_lost && !reset_wait_time_actual;
  }
};

// "backlog_limit", the word of `auditctl -s`.
std::string_view setting_name(Setting setting) noexcept;
// All, in the order of the enumeration.
std::array<Setting, kSettings> all_settings() noexcept;
// Whether it is set after the rules, since it locks them or what they need.
bool is_lock(Setting setting) noexcept;

// What holds when a configuration names settings, too: its values, but the larger backlog_limit of
// both, since a file that was written for another daemon shall not shrink the queue.
SettingValues merge_settings(const SettingValues& configured, const SettingValues& files);

// A setting that is not as wanted.
struct SettingChange {
  Setting setting = Setting::enabled;
  std::uint32_t before = 0;
  std::uint32_t wanted = 0;
};

// In the order in which they are to be made. A setting that the kernel does not have is none.
// A locked kernel's `enabled` of 2 is as good as a wanted 1.
std::vector<SettingChange> compare_settings(const SettingValues& now, const SettingValues& wanted);

// "backlog_limit 8192 -> 65536".
std::string setting_text(const SettingChange& change);

}  // namespace sorrel::ruleset
