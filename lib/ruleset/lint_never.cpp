#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "ruleset/field_value.h"
#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"
#include "ruleset/rule_facts.h"

// Rules that keep quiet: what they hide is where an attacker goes.
namespace sorrel::ruleset {
namespace {

std::string_view without_slash(std::string_view folder) noexcept {
  while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
  return folder;
}

std::optional<Reason> hidden_folder(const Field& field) {
  constexpr auto kWritable =
      std::to_array<std::string_view>({"/dev/shm", "/tmp", "/var/tmp", "/run/user", "/home"});
  const std::string_view folder = without_slash(field.text);
  if (std::ranges::find(kWritable, folder) == kWritable.end()) return std::nullopt;
  return Reason{"never-blinds",
                "everybody can write to " + std::string(folder) +
                    ", and what is run or changed there is no longer seen",
                "narrow the rule by exe, uid or perm"};
}

std::optional<Reason> hidden_process(const Field& field) {
  const bool is_label = field.id >= field::kSubjUser && field.id <= field::kSubjClearance;
  if (is_label && field.op == Op::equal) {
    return Reason{"never-blinds",
                  "nothing that runs as " + field.text +
                      " is seen, with all that it starts: cron's jobs run as cron",
                  "name the calls and files that are too loud"};
  }
  if (field.id == field::kExe && field.op == Op::equal) {
    return Reason{"never-blinds",
                  "nothing that " + field.text +
                      " does is seen: a good place to hide, for who can make it run something",
                  "name the calls and files that are too loud"};
  }
  const bool is_nobodys = field.id == field::kAuid && field.value == kUnsetId;
  const bool is_root = (field.id == field::kUid || field.id == field::kEuid) && field.value == 0;
  if ((!is_nobodys && !is_root) || field.op != Op::equal) return std::nullopt;
  return Reason{"never-blinds",
                is_root ? "nothing that root does is seen"
                        : "nothing that services do is seen, nor who breaks into them",
                "narrow the rule by exe, and name the calls that are too loud"};
}

}  // namespace

void check_never_task(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place, notes] : input.state.rules) {
    if (rule.list != List::task || rule.action != Action::never) continue;
    findings.warning(place, {"never-task",
                             "a process that is started under this rule is never audited again by "
                             "rules for system calls, whatever it becomes",
                             "use never,exit rules for what is too loud"});
  }
}

void check_never_blinds(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place, notes] : input.state.rules) {
    // On the list exclude every rule leaves out.
    const bool is_quiet = rule.action == Action::never || rule.list == List::exclude;
    if (!is_quiet || rule.list == List::task || narrowing_fields(rule) != 1) continue;
    for (const Field& field : rule.fields) {
      std::optional<Reason> reason;
      if (field.id == field::kDir) reason = hidden_folder(field);
      // A rule that names calls leaves the others visible.
      if (!reason && has_all_calls(rule)) reason = hidden_process(field);
      if (reason) findings.warning(place, *std::move(reason));
    }
  }
}

}  // namespace sorrel::ruleset
