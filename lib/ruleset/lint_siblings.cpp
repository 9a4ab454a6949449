#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "record/tables/arch.h"
#include "ruleset/call_table.h"
#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"
#include "ruleset/rule_cover.h"
#include "ruleset/rule_facts.h"

// Calls that do the same: who watches one of them and not the other is passed by.
namespace sorrel::ruleset {
namespace {

struct Sibling {
  std::string_view call;
  std::string_view sibling;
  bool same_arguments = false;  // in the same places, so that a0 to a3 mean the same
};
constexpr auto kSiblings = std::to_array<Sibling>({
    {"accept", "accept4", true},
    {"adjtimex", "clock_adjtime"},
    {"chmod", "fchmodat"},
    {"chown", "fchownat"},
    {"clone", "clone3"},
    {"execve", "execveat"},
    {"fchmodat", "fchmodat2", true},
    {"fork", "clone"},
    {"futimesat", "utimensat"},
    {"init_module", "finit_module"},
    {"kexec_load", "kexec_file_load"},
    {"lchown", "fchownat"},
    {"link", "linkat"},
    {"mkdir", "mkdirat"},
    {"mknod", "mknodat"},
    {"mount", "move_mount"},
    {"open", "openat"},
    {"openat", "openat2"},
    {"preadv", "preadv2", true},
    {"ptrace", "process_vm_writev"},
    {"pwritev", "pwritev2", true},
    {"read", "pread64", true},
    {"read", "preadv"},
    {"read", "readv"},
    {"removexattr", "fremovexattr"},
    {"removexattr", "lremovexattr", true},
    {"removexattr", "removexattrat"},
    {"rename", "renameat"},
    {"rename", "renameat2"},
    {"renameat", "renameat2", true},
    {"setgid", "setresgid", true},
    {"settimeofday", "clock_settime"},
    {"setuid", "setresuid", true},
    {"setxattr", "fsetxattr", true},
    {"setxattr", "lsetxattr", true},
    {"setxattr", "setxattrat"},
    {"symlink", "symlinkat"},
    {"unlink", "unlinkat"},
    {"utime", "utimensat"},
    {"utimes", "utimensat"},
    {"write", "pwrite64", true},
    {"write", "pwritev"},
    {"write", "writev"},
});

// Rules that are looked at for one that has the sibling: a file of a million rules ends, too.
constexpr std::size_t kMaxCompared = 5000;

struct SiblingNumbers {
  std::uint32_t call = 0;
  std::uint32_t sibling = 0;
  const Sibling* names = nullptr;
};

std::vector<SiblingNumbers> siblings_of(std::uint32_t arch) {
  const CallTable table(arch);
  std::vector<SiblingNumbers> all;
  for (const Sibling& one : kSiblings) {
    const auto call = table.number(one.call);
    const auto sibling = table.number(one.sibling);
    if (call && sibling) all.push_back({*call, *sibling, &one});
  }
  return all;
}

// Siblings may have their flags in another argument.
std::string condition_of_siblings(const Rule& rule) {
  if (!has_arguments(rule)) return condition_of(rule, true);
  Rule without = rule;
  std::erase_if(without.fields, is_argument);
  return condition_of(without, true);
}

class SiblingCheck {
 public:
  SiblingCheck(const LintInput& input, Findings& findings)
      : input_(input), findings_(findings), outlines_(outlines_of(input.state.rules)) {
    for (const PlacedRule& one : input.state.rules) {
      CallMask& mask = masks_[condition_of_siblings(one.rule)];
      for (std::size_t i = 0; i < mask.size(); ++i) mask[i] |= one.rule.mask[i];
    }
  }

  void run() {
    for (const PlacedRule& one : input_.state.rules) {
      const bool is_meant = one.rule.list == List::exit && one.rule.action == Action::always;
      if (is_meant && !has_all_calls(one.rule)) check(one);
    }
  }

 private:
  void check(const PlacedRule& one) {
    const std::uint32_t arch = arch_of(one.rule) != 0 ? arch_of(one.rule) : input_.target.arch;
    const auto [known, is_new] = siblings_.try_emplace(arch);
    if (is_new) known->second = siblings_of(arch);
    const CallMask& mask = masks_[condition_of_siblings(one.rule)];
    const bool has_values = has_arguments(one.rule);
    for (const SiblingNumbers& numbers : known->second) {
      if (!has_call(one.rule.mask, numbers.call) || has_call(mask, numbers.sibling)) continue;
      if (has_values && !numbers.names->same_arguments) continue;
      if (!is_seen_by_wider(one.rule, numbers.sibling)) tell(one.place, *numbers.names);
    }
  }

  // A rule with fewer conditions may have the sibling.
  bool is_seen_by_wider(const Rule& rule, std::uint32_t sibling) const {
    Rule only = rule;
    only.mask = {};
    only.mask[sibling / 32] = 1U << (sibling % 32);
    const std::uint64_t outline = outline_of(rule);
    const std::size_t count = std::min(outlines_.size(), kMaxCompared);
    for (std::size_t i = 0; i < count; ++i) {
      const Rule& other = input_.state.rules[i].rule;
      if ((outlines_[i] & ~outline) == 0 && other.action == Action::always && covers(other, only))
        return true;
    }
    return false;
  }

  void tell(Place place, const Sibling& names) {
    const std::string sibling(names.sibling);
    findings_.warning(
        place, {"call-sibling",
                names.call == "open" ? "programs open files by openat, which the rule lacks"
                                     : "the same as by " + std::string(names.call) +
                                           " can be done by " + sibling + ", which the rule lacks",
                "add -S " + sibling});
  }

  const LintInput& input_;
  Findings& findings_;
  std::vector<std::uint64_t> outlines_;
  std::unordered_map<std::string, CallMask> masks_;
  std::map<std::uint32_t, std::vector<SiblingNumbers>> siblings_;
};

}  // namespace

void check_siblings(const LintInput& input, Findings& findings) {
  SiblingCheck(input, findings).run();
}

}  // namespace sorrel::ruleset
