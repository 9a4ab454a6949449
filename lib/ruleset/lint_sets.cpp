#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "record/tables/arch.h"
#include "record/tables/syscalls.h"
#include "ruleset/arches.h"
#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"
#include "ruleset/rule_facts.h"

// What a whole set of rules shows: what it lacks.
namespace sorrel::ruleset {
namespace {

// What the rule of the other ABI has as well. The numbers of ioctl and its kin differ there.
std::string condition_of_twin(const Rule& rule) {
  if (!has_arguments(rule)) return condition_of(rule, false);
  Rule twin = rule;
  for (Field& field : twin.fields) {
    if (is_argument(field) && field.op == Op::equal) field.value = 0;
  }
  return condition_of(twin, false);
}

struct Subject {
  std::string_view call;
  std::string_view what;
  bool of_everybody = false;  // a rule for some programs or users does not count
};
// What no set should lack without a reason.
constexpr auto kSubjects = std::to_array<Subject>({
    {"execve", "programs that start, whoever starts them (execve)", true},
    {"finit_module", "kernel modules (finit_module)"},
    {"kexec_file_load", "another kernel being loaded (kexec_file_load)"},
    {"bpf", "BPF programs (bpf)"},
    {"ptrace", "processes that are changed (ptrace)"},
    {"process_vm_writev", "memory that is written from outside (process_vm_writev)"},
    {"pidfd_getfd", "descriptors that are taken (pidfd_getfd)"},
    {"memfd_create", "programs in memory (memfd_create)"},
    {"io_uring_setup", "what io_uring does past the rules (io_uring_setup)"},
});

bool sees(const Rule& rule, const Target& target, const Subject& subject) {
  if (rule.action != Action::always) return false;
  if (rule.list == List::io_uring) return subject.call == "io_uring_setup";
  if (rule.list != List::exit || has_all_calls(rule)) return false;
  if (find_in(rule, field::kPath) != nullptr || find_in(rule, field::kDir) != nullptr) return false;
  if (subject.of_everybody && narrowing_fields(rule) != 0) return false;
  if (arch_of(rule) != 0 && arch_of(rule) != target.arch) return false;
  const auto number = record::syscall_number(target.arch, subject.call);
  return number && has_call(rule.mask, *number);
}

// The place of the -D with which a whole set begins.
std::optional<Place> begin_of_set(const Script& script) noexcept {
  for (const Statement& statement : script.statements) {
    if (statement.command == Command::delete_all && statement.words.empty()) return statement.place;
  }
  return std::nullopt;
}

}  // namespace

void check_twins(const LintInput& input, Findings& findings) {
  const std::optional<std::uint32_t> narrow = narrow_arch(input.target.arch);
  if (!narrow || *narrow == input.target.arch) return;
  std::unordered_set<std::string> twins;
  for (const auto& [rule, place, notes] : input.state.rules) {
    if (arch_of(rule) == *narrow) twins.insert(condition_of_twin(rule));
  }
  for (const auto& [rule, place, notes] : input.state.rules) {
    if (arch_of(rule) != input.target.arch || rule.action != Action::always) continue;
    if (twins.contains(condition_of_twin(rule))) continue;
    findings.warning(place,
                     {"twin-missing", "programs for 32 bits pass this rule by: it is for b64 only",
                      "add the same rule with -F arch=b32"});
  }
}

void check_whole_set(const LintInput& input, Findings& findings) {
  const std::optional<Place> begin = begin_of_set(input.script);
  if (!begin || input.state.rules.empty()) return;
  std::string lacking;
  for (const Subject& subject : kSubjects) {
    const bool is_seen = std::ranges::any_of(input.state.rules, [&](const PlacedRule& one) {
      return sees(one.rule, input.target, subject);
    });
    if (is_seen) continue;
    if (!lacking.empty()) lacking += ", ";
    lacking += subject.what;
  }
  if (lacking.empty()) return;
  findings.note(*begin, {"set-lacks", "no rule of the set reports " + lacking,
                         "add rules, or leave it so when that is not wanted"});
}

}  // namespace sorrel::ruleset
