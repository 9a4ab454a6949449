#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/tables/arch.h"
#include "record/tables/syscalls.h"
#include "ruleset/arches.h"
#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"
#include "ruleset/rule_facts.h"

// What the numbers and arguments of system calls mean on the host.
namespace sorrel::ruleset {
namespace {

// Whether the rule names the call: one on all calls does not.
bool names_call(const Rule& rule, const Target& target, std::string_view name) {
  if (rule.list != List::exit || has_all_calls(rule)) return false;
  const std::uint32_t arch = arch_of(rule) != 0 ? arch_of(rule) : target.arch;
  const auto number = record::syscall_number(arch, name);
  return number && *number < Rule::kMaskWords * 32 && has_call(rule.mask, *number);
}

bool is_s390(const Rule& rule, const Target& target) noexcept {
  const std::uint32_t arch = arch_of(rule) != 0 ? arch_of(rule) : target.arch;
  return arch == record::arch::kS390x || arch == record::arch::kS390;
}

bool is_bit_op(Op op) noexcept {
  return op == Op::bit_mask || op == Op::bit_test;
}

// A call of the rule that has another name in the second ABI.
std::optional<std::uint32_t> ambiguous_call(const Rule& rule, std::uint32_t native,
                                            std::uint32_t narrow) noexcept {
  for (std::uint32_t number = 0; number < Rule::kMaskWords * 32; ++number) {
    if (!has_call(rule.mask, number)) continue;
    if (record::syscall_name(native, number) != record::syscall_name(narrow, number)) return number;
  }
  return std::nullopt;
}

void check_clone_flags(const Rule& rule, const Target& target, Place place, Findings& findings) {
  if (!names_call(rule, target, "clone")) return;
  const std::uint32_t flags = is_s390(rule, target) ? field::kA1 : field::kA0;
  for (const Field& field : rule.fields) {
    if (!is_argument(field) || !is_bit_op(field.op) || field.id == flags) continue;
    findings.warning(
        place, {"clone-flags",
                "the flags of clone are in " + std::string(flags == field::kA0 ? "a0" : "a1") +
                    "; a" + std::to_string(field.id - field::kA0) + " is something else",
                "test the argument that has the flags"});
  }
}

// Who lists most of the namespaces means them all.
void check_namespaces(const Rule& rule, const Target& target, Place place, Findings& findings) {
  constexpr std::uint32_t kNamespaces = 0x7e020000;  // CLONE_NEW*, but the time's
  constexpr int kMost = 4;
  if (!names_call(rule, target, "clone") && !names_call(rule, target, "unshare")) return;
  for (const Field& field : rule.fields) {
    if (!is_argument(field) || field.op != Op::bit_mask) continue;
    const std::uint32_t named = field.value & kNamespaces;
    if (std::popcount(named) < kMost || named == kNamespaces) continue;
    findings.warning(place, {"values-partial",
                             "the mask lacks flags of namespaces, as CLONE_NEWCGROUP (0x02000000)",
                             "write 0x7e020000 for all of them"});
  }
}

bool is_waiting_reported(const LintInput& input) {
  constexpr std::uint32_t kInProgress = 0U - 115U;
  return std::ranges::any_of(input.state.rules, [&](const PlacedRule& one) {
    const Field* const exit = find_in(one.rule, field::kExit);
    return exit != nullptr && exit->op == Op::equal && exit->value == kInProgress &&
           names_call(one.rule, input.target, "connect");
  });
}

void check_address_size(const Rule& rule, const Target& target, Place place, Findings& findings) {
  constexpr KernelVersion kFirstWithFamily{5, 3};
  if (target.kernel < kFirstWithFamily || find_in(rule, field::kA2) == nullptr) return;
  if (!names_call(rule, target, "connect") && !names_call(rule, target, "bind")) return;
  findings.warning(place, {"address-length",
                           "a2 is the size that the program gives for its address: it may be "
                           "larger than the address, up to 128",
                           "compare the address itself: -F saddr_fam=inet"});
}

// Values of bpf's a0 that work on maps: who silences some of them means them all.
constexpr auto kMapCommands =
    std::to_array<std::uint32_t>({1, 2, 3, 4, 0x15, 0x18, 0x19, 0x1a, 0x1b});
constexpr std::size_t kOldMapCommands = 4;

}  // namespace

// Without arch= the kernel compares the number alone.
// Source: linux/kernel/auditsc.c, audit_in_mask().
void check_missing_arch(const LintInput& input, Findings& findings) {
  const std::uint32_t native = input.target.arch;
  const std::optional<std::uint32_t> narrow = narrow_arch(native);
  if (!narrow || *narrow == native) return;
  for (const auto& [rule, place, notes] : input.state.rules) {
    if (rule.list != List::exit || find_in(rule, field::kArch) != nullptr || has_all_calls(rule))
      continue;
    const auto number = ambiguous_call(rule, native, *narrow);
    if (!number) continue;
    const std::string_view other = record::syscall_name(*narrow, *number);
    findings.warning(
        place, {"arch-missing",
                "without arch= the rule is about numbers: call " + std::to_string(*number) +
                    " is " + std::string(record::syscall_name(native, *number)) + " for b64, and " +
                    (other.empty() ? "none" : std::string(other)) + " for b32",
                "write it once with -F arch=b64 and once with -F arch=b32"});
  }
}

void check_arguments(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place, notes] : input.state.rules) {
    if (!has_arguments(rule)) continue;
    check_clone_flags(rule, input.target, place, findings);
    check_namespaces(rule, input.target, place, findings);
    check_address_size(rule, input.target, place, findings);
  }
}

void check_waiting_connections(const LintInput& input, Findings& findings) {
  std::optional<bool> is_reported;
  for (const auto& [rule, place, notes] : input.state.rules) {
    const Field* const success = find_in(rule, field::kSuccess);
    if (success == nullptr || success->op != Op::equal || success->value == 0 ||
        rule.action != Action::always || !names_call(rule, input.target, "connect"))
      continue;
    if (!is_reported) is_reported = is_waiting_reported(input);
    if (*is_reported) return;
    findings.warning(place, {"success-connect",
                             "a connect that does not wait ends with EINPROGRESS, which is no "
                             "success: most programs connect so",
                             "remove success=, or add a rule with exit=-EINPROGRESS"});
  }
}

void check_quiet_maps(const LintInput& input, Findings& findings) {
  std::vector<bool> is_quiet(kMapCommands.size());
  Place last;
  for (const auto& [rule, place, notes] : input.state.rules) {
    const Field* const command = find_in(rule, field::kA0);
    if (rule.action != Action::never || command == nullptr || command->op != Op::equal ||
        !names_call(rule, input.target, "bpf"))
      continue;
    const auto* const known = std::ranges::find(kMapCommands, command->value);
    if (known == kMapCommands.end()) continue;
    is_quiet[static_cast<std::size_t>(known - kMapCommands.begin())] = true;
    last = place;
  }
  const bool has_old =
      std::all_of(is_quiet.begin(), is_quiet.begin() + kOldMapCommands, [](bool is) { return is; });
  if (!has_old || std::ranges::find(is_quiet, false) == is_quiet.end()) return;
  findings.warning(last, {"values-partial",
                          "the commands of bpf that are kept quiet lack some that work on maps, as "
                          "those for many entries at once",
                          "add rules for a0=0x15 and a0=0x18 to a0=0x1b"});
}

}  // namespace sorrel::ruleset
