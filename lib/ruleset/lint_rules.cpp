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
#include "ruleset/rule_facts.h"

// What one rule shows.
namespace sorrel::ruleset {

void check_positive_exit(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place, notes] : input.state.rules) {
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
  for (const auto& [rule, place, notes] : input.state.rules) {
    if (rule.list != List::exclude || narrowing_fields(rule) != 1) continue;
    for (const Field& field : rule.fields) {
      if (field.id != field::kMsgType || field.op != Op::equal) continue;
      const auto* const needed = std::ranges::find(kNeeded, field.value, &Needed::type);
      if (needed == kNeeded.end()) continue;
      findings.warning(place, {"exclude-needed", std::string(needed->why), "remove the rule"});
    }
  }
}

void check_foreign_arch(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place, notes] : input.state.rules) {
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
  for (const auto& [rule, place, notes] : input.state.rules) {
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

// Numbers of services differ between hosts; those of people may come from elsewhere than /etc.
void check_numbers_of_users(const LintInput& input, Findings& findings) {
  constexpr std::uint32_t kFirstPerson = 1000;
  const host::UserDb* const users = input.target.users;
  if (users == nullptr) return;
  for (const auto& [rule, place, notes] : input.state.rules) {
    for (const Field& field : rule.fields) {
      const FieldInfo* const info = find_field(field.id);
      if (info == nullptr || field.op != Op::equal || field.value == 0 ||
          field.value >= kFirstPerson)
        continue;
      const bool is_user = info->kind == ValueKind::user;
      if (!is_user && info->kind != ValueKind::group) continue;
      if (is_user ? users->user_name(field.value) : users->group_name(field.value)) continue;
      findings.warning(place, {"uid-unknown",
                               "this host has no " + std::string(is_user ? "user" : "group") +
                                   " with the number " + std::to_string(field.value),
                               "write its name: each host has its own number for it"});
    }
  }
}

}  // namespace sorrel::ruleset
