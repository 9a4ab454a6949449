#include "rules_json.h"

namespace sorrel::sorrelctl {
namespace {

constexpr int kSchema = 1;

const char* json_bool(bool value) {
  return value ? "true" : "false";
}

template <class Items, class Write>
std::string json_list(const Items& items, const Write& write) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += write(item);
  }
  return out + ']';
}

std::string json_setting(const ruleset::SettingChange& change) {
  return "{\"name\":" + json_string(setting_name(change.setting)) +
         ",\"before\":" + std::to_string(change.before) +
         ",\"wanted\":" + std::to_string(change.wanted) + '}';
}

std::string json_setting_error(const ruleset::SettingFailure& failure) {
  return "{\"step\":\"set\",\"setting\":" + json_string(setting_name(failure.change.setting)) +
         ",\"errno\":" + std::to_string(failure.error.code.value()) +
         ",\"message\":" + json_string(failure.error.message) + '}';
}

std::string json_error(const ruleset::ApplyReport& report, const RulePrinter& print) {
  if (report.setting_failure) return json_setting_error(*report.setting_failure);
  if (!report.failure) return "null";
  const ruleset::StepFailure& failure = *report.failure;
  return std::string("{\"step\":") +
         (failure.step.kind == ruleset::StepKind::add ? "\"add\"" : "\"remove\"") +
         ",\"rule\":" + json_string(print(failure.step.rule)) +
         ",\"errno\":" + std::to_string(failure.error.code.value()) +
         ",\"message\":" + json_string(failure.error.message) + ",\"rollback_error\":" +
         (report.rollback_error ? json_string(report.rollback_error->to_string()) : "null") + '}';
}

}  // namespace

std::string json_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out + '"';
}

std::string json_rules(std::span<const ruleset::Rule> rules, const RulePrinter& print) {
  return json_list(rules, [&](const ruleset::Rule& rule) { return json_string(print(rule)); });
}

std::string json_diff(const ruleset::Diff& diff, const RulePrinter& print) {
  const auto moved = [&](const ruleset::Move& move) {
    return "{\"rule\":" + json_string(print(move.rule)) + ",\"from\":" + std::to_string(move.from) +
           ",\"to\":" + std::to_string(move.to) + '}';
  };
  const auto other = [&](const ruleset::OtherForm& form) {
    return "{\"wanted\":" + json_string(print(form.wanted)) +
           ",\"loaded\":" + json_string(print(form.loaded)) + '}';
  };
  return "{\"added\":" + json_rules(diff.added, print) +
         ",\"removed\":" + json_rules(diff.removed, print) +
         ",\"moved\":" + json_list(diff.moved, moved) +
         ",\"other_form\":" + json_list(diff.other_form, other) +
         ",\"unchanged\":" + std::to_string(diff.unchanged) + '}';
}

std::string json_report(const ruleset::ApplyReport& report, bool is_check,
                        const RulePrinter& print) {
  using ruleset::Outcome;
  const bool changed =
      report.outcome == Outcome::applied || report.outcome == Outcome::would_change;
  const auto pending = [&](const ruleset::PendingRule& waiting) {
    return "{\"rule\":" + json_string(print(waiting.rule)) +
           ",\"path\":" + json_string(waiting.path) + '}';
  };
  return "{\"schema\":" + std::to_string(kSchema) + ",\"outcome\":\"" +
         ruleset::outcome_name(report.outcome) + "\",\"changed\":" + json_bool(changed) +
         ",\"check\":" + json_bool(is_check) + ",\"immutable\":" + json_bool(report.is_locked) +
         ",\"enabled\":" + json_bool(report.is_enabled) +
         ",\"additions\":" + std::to_string(report.additions) +
         ",\"deletions\":" + std::to_string(report.deletions) +
         ",\"before\":" + json_rules(report.before, print) +
         ",\"after\":" + json_rules(report.after, print) +
         ",\"diff\":" + json_diff(report.diff, print) +
         ",\"settings\":" + json_list(report.settings, json_setting) +
         ",\"pending\":" + json_list(report.pending, pending) +
         ",\"error\":" + json_error(report, print) + '}';
}

}  // namespace sorrel::sorrelctl
