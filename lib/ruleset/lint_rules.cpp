#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "record/record_type.h"
#include "record/tables/arch.h"
#include "record/tables/names.h"
#include "ruleset/arches.h"
#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"

namespace sorrel::ruleset {
namespace {

const Field* find(const Rule& rule, std::uint32_t id) noexcept {
  const auto found = std::ranges::find(rule.fields, id, &Field::id);
  return found == rule.fields.end() ? nullptr : &*found;
}

bool has_all_calls(const Rule& rule) noexcept {
  return std::all_of(rule.mask.begin(), rule.mask.end() - 1,
                     [](std::uint32_t word) { return word == 0xffffffff; });
}

// How many fields narrow the rule.
std::ptrdiff_t narrowing_fields(const Rule& rule) noexcept {
  return std::ranges::count_if(rule.fields, [](const Field& field) {
    return field.id != field::kKey && field.id != field::kArch;
  });
}

}  // namespace

void check_positive_exit(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place] : input.state.rules) {
    for (const Field& field : rule.fields) {
      if (field.id != field::kExit || field.op != Op::equal || field.value == 0) continue;
      const std::string_view name =
          record::errno_name(static_cast<int>(std::min(field.value, 4096U)));
      if (name.empty()) continue;
      findings.warning(place, {"exit-positive",
                               "exit=" + std::to_string(field.value) +
                                   " matches calls that return that number, and no error",
                               "write exit=-" + std::string(name) + " when the error is meant"});
    }
  }
}

void check_excluded_types(const LintInput& input, Findings& findings) {
  struct Needed {
    std::uint32_t type;
    std::string_view why;
  };
  constexpr auto kNeeded = std::to_array<Needed>({
      {record::type::kSyscall, "all other records of an event hang on SYSCALL"},
      {record::type::kEoe, "without EOE nobody knows when an event is complete"},
      {record::type::kCwd, "without CWD relative paths have no begin"},
      {record::type::kExecve, "without EXECVE the arguments of programs are unknown"},
      {record::type::kPath, "without PATH no event says which file it is about"},
      {record::type::kConfigChange, "without CONFIG_CHANGE changes of the rules are not seen"},
  });
  for (const auto& [rule, place] : input.state.rules) {
    if (rule.list != List::exclude || narrowing_fields(rule) != 1) continue;
    for (const Field& field : rule.fields) {
      if (field.id != field::kMsgType || field.op != Op::equal) continue;
      const auto* const needed = std::ranges::find(kNeeded, field.value, &Needed::type);
      if (needed == kNeeded.end()) continue;
      findings.warning(place, {"exclude-needed", std::string(needed->why), "remove the rule"});
    }
  }
}

void check_never_task(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place] : input.state.rules) {
    if (rule.list != List::task || rule.action != Action::never) continue;
    findings.warning(place, {"never-task",
                             "a process that is started under this rule is never audited again by "
                             "rules for system calls, whatever it becomes",
                             "use never,exit rules for what is too loud"});
  }
}

void check_never_folder(const LintInput& input, Findings& findings) {
  constexpr auto kWritable =
      std::to_array<std::string_view>({"/dev/shm", "/tmp", "/var/tmp", "/run/user", "/home"});
  for (const auto& [rule, place] : input.state.rules) {
    const Field* const dir = find(rule, field::kDir);
    if (rule.action != Action::never || dir == nullptr || narrowing_fields(rule) != 1) continue;
    std::string_view folder = dir->text;
    while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
    if (std::ranges::find(kWritable, folder) == kWritable.end()) continue;
    findings.warning(place, {"never-blinds",
                             "everybody can write to " + std::string(folder) +
                                 ", and what is run or changed there is no longer seen",
                             "narrow the rule by exe, uid or perm"});
  }
}

void check_foreign_arch(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place] : input.state.rules) {
    for (const Field& field : rule.fields) {
      if (field.id != field::kArch || field.op != Op::equal) continue;
      if (field.value == input.target.arch || narrow_arch(input.target.arch) == field.value)
        continue;
      findings.warning(place,
                       {"arch-dead",
                        "no call on " + std::string(record::arch_name(input.target.arch)) +
                            " has the architecture " + std::string(record::arch_name(field.value)) +
                            ": the rule never matches",
                        "use b64 and b32, or put the rule between '#@ if arch' and '#@ end'"});
    }
  }
}

// Source: linux/kernel/audit.c and auditfilter.c, audit_filter(): at a field that it does not know
// it stops, and the message is let through.
void check_ignored_fields(const LintInput& input, Findings& findings) {
  constexpr auto kKnown =
      std::to_array<std::uint32_t>({0, 1, 5, 9, 12, 13, 14, 15, 16, 17, 24, 112, 210});
  for (const auto& [rule, place] : input.state.rules) {
    if (rule.list != List::user && rule.list != List::exclude) continue;
    for (const Field& field : rule.fields) {
      if (std::ranges::find(kKnown, field.id) != kKnown.end()) continue;
      const FieldInfo* const info = find_field(field.id);
      findings.warning(place, {"field-ignored",
                               "the kernel does not look at " +
                                   std::string(info != nullptr ? info->name : "a field") +
                                   " in the list " + std::string(list_name(rule.list)) +
                                   ": the rule, and all behind it, do nothing",
                               "use pid, uid, gid, auid, msgtype, subj_* or exe"});
    }
  }
}

void check_breadth(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place] : input.state.rules) {
    if (rule.list != List::exit || narrowing_fields(rule) != 0 || !has_all_calls(rule)) continue;
    const bool is_always = rule.action == Action::always;
    findings.warning(place, {"rule-too-broad",
                             is_always ? "every system call of every process becomes an event"
                                       : "no rule behind this one is ever looked at",
                             "name system calls with -S, or add fields"});
  }
}

void check_folder_paths(const LintInput& input, Findings& findings) {
  if (input.target.paths == nullptr) return;
  for (const auto& [rule, place] : input.state.rules) {
    const Field* const path = find(rule, field::kPath);
    if (path == nullptr || input.target.paths->kind(path->text) != PathKind::folder) continue;
    findings.warning(place, {"path-is-folder",
                             path->text + " is a folder: path= is about the folder itself, and not "
                                          "about what lies in it",
                             "write dir=" + path->text + " when its contents are meant"});
  }
}

// A file that is not hoisted locks where it says so.
void check_lock(const LintInput& input, Findings& findings) {
  bool is_locked = false;
  for (const Statement& statement : input.script.statements) {
    if (is_locked) {
      return findings.warning(statement.place, {"lock-early",
                                                "the rules are locked by -e 2 above: the kernel "
                                                "refuses what follows",
                                                "put -e 2 last"});
    }
    is_locked = statement.command == Command::enabled && statement.number == 2;
  }
}

}  // namespace sorrel::ruleset
