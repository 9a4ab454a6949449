#include "ruleset/lint_paths.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "record/tables/arch.h"
#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"
#include "ruleset/rule_facts.h"
#include "ruleset/rule_path.h"

namespace sorrel::ruleset {

bool is_path(const Field& field) noexcept {
  return field.id == field::kPath || field.id == field::kDir || field.id == field::kExe;
}

const RealPaths::Found& RealPaths::find(const std::string& path) {
  const auto [entry, is_new] = found_.try_emplace(path);
  Found& found = entry->second;
  if (!is_new) return found;
  found.place = path;
  if (probe_ == nullptr || !path.starts_with('/')) return found;
  found.kind = probe_->kind(path);
  if (path.ends_with('/')) {
    // Such a one is looked up to its end: what it leads to is meant.
    if (found.kind != PathKind::missing) found.place = found.real = probe_->real_path(path);
    return found;
  }
  const std::string& folder = real_folder(folder_of(path));
  if (folder.empty()) return found;
  found.place = (folder == "/" ? "" : folder) + path.substr(path.find_last_of('/'));
  if (found.kind != PathKind::missing) found.real = probe_->real_path(path);
  return found;
}

// Empty when it is not there.
const std::string& RealPaths::real_folder(const std::string& folder) {
  const auto [entry, is_new] = folders_.try_emplace(folder);
  if (is_new) entry->second = probe_->real_path(folder);
  return entry->second;
}

namespace {

using Found = RealPaths::Found;

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

class PathChecks {
 public:
  PathChecks(const LintInput& input, Findings& findings)
      : input_(input), findings_(findings), paths_(input.target) {}

  void run() {
    for (const auto& [rule, place, notes] : input_.state.rules) {
      for (const Field& field : rule.fields) {
        if (!is_path(field)) continue;
        const Found& found = paths_.find(field.text);
        check_kind(field, found, place);
        check_link(rule, field, found, place);
        note_missing(field, place);
      }
    }
    tell_missing();
  }

 private:
  struct Missing {
    Place first;
    std::set<std::string> paths;
  };

  void check_kind(const Field& field, const Found& found, Place place) {
    if (field.id == field::kPath && found.kind == PathKind::folder) {
      findings_.warning(
          place, {"path-is-folder",
                  field.text + " is a folder: path= is about the folder itself, and not about what "
                               "lies in it",
                  "write dir=" + field.text + " when its contents are meant"});
    }
    // Source: linux/kernel/audit_tree.c: the inode is marked, and a new file has another one.
    if (field.id == field::kDir && found.kind == PathKind::other && found.place == found.real) {
      findings_.warning(place,
                        {"path-is-file",
                         field.text + " is a file: once it is replaced, as editors do, dir= no "
                                      "longer sees it",
                         "write path=" + field.text});
    }
  }

  // Sources: linux/kernel/audit_tree.c, audit_add_tree_rule(): kern_path() without LOOKUP_FOLLOW;
  // audit_watch.c and audit_fsnotify.c look the last name up in its folder.
  void check_link(const Rule& rule, const Field& field, const Found& found, Place place) {
    if (found.real.empty() || found.real == found.place) return;
    if (has_rule_for(rule, field, found.real)) return;
    const std::string what = field.text + " is a link to " + found.real + ": ";
    if (field.id == field::kPath && is_for_changes(rule)) {
      return findings_.note(place, {"path-is-link",
                                    what + "the rule tells when the link is replaced, and not what "
                                           "is done to the file by its own name",
                                    "add a rule on " + found.real + " when that is meant"});
    }
    std::string why = "the rule never matches, since no program is opened or run as the link";
    if (field.id == field::kDir) why = "the rule never matches: nothing lies below the link itself";
    if (field.id == field::kExe) why = "a program that runs is never the link, so exe= never holds";
    findings_.warning(place, {"path-is-link", what + why, "write " + found.real});
  }

  static bool is_for_changes(const Rule& rule) {
    constexpr std::uint32_t kWrite = 2;
    const Field* const perm = find_in(rule, field::kPerm);
    return perm == nullptr || (perm->value & kWrite) != 0;
  }

  // Sets for many hosts name a file by all the names it has on one or the other.
  bool has_rule_for(const Rule& rule, const Field& field, const std::string& real) {
    if (conditions_.empty()) {
      for (const PlacedRule& one : input_.state.rules)
        conditions_.insert(condition_of(one.rule, true));
    }
    Rule other{rule.list, false, rule.action, {}, rule.fields};
    for (Field& one : other.fields) {
      if (one != field) continue;
      one.text = real;
      one.value = static_cast<std::uint32_t>(real.size());
    }
    return conditions_.contains(condition_of(other, true));
  }

  void note_missing(const Field& field, Place place) {
    if (input_.target.paths == nullptr) return;
    const std::string needed = field.id == field::kDir ? field.text : folder_of(field.text);
    if (paths_.find(needed).kind != PathKind::missing) return;
    Missing& missing = missing_.try_emplace(place.file, Missing{place, {}}).first->second;
    missing.first = std::min(missing.first, place);
    missing.paths.insert(needed);
  }

  // One note a file: a set for many hosts has many of them.
  void tell_missing() {
    constexpr std::size_t kMaxNamed = 3;
    for (const auto& [file, missing] : missing_) {
      std::string names;
      std::size_t named = 0;
      for (const std::string& path : missing.paths) {
        if (named++ == kMaxNamed) break;
        names += (named == 1 ? "" : ", ") + path;
      }
      if (missing.paths.size() > kMaxNamed)
        names += " and " + std::to_string(missing.paths.size() - kMaxNamed) + " more";
      findings_.note(missing.first,
                     {"path-missing",
                      "not there yet: " + names +
                          "; sorrel adds the rules on them when they come, auditctl cannot",
                      "look how they are written, if they should be there"});
    }
  }

  const LintInput& input_;
  Findings& findings_;
  RealPaths paths_;
  std::set<std::string> conditions_;
  std::map<std::uint32_t, Missing> missing_;
};

// Places of other systems, where no Linux has anything.
bool is_foreign(std::string_view path) noexcept {
  constexpr auto kFolders = std::to_array<std::string_view>(
      {"/Applications", "/Library", "/System", "/Users", "/Volumes", "/opt/homebrew", "/private",
       "/usr/local/Caskroom", "/usr/local/Cellar"});
  return std::ranges::any_of(kFolders, [&](std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
  });
}

struct MachineWord {
  std::string_view word;
  std::uint32_t arch;
};
// How folders and loaders are called for a machine.
constexpr auto kMachineWords = std::to_array<MachineWord>({
    {"x86_64", record::arch::kX86_64},
    {"x86-64", record::arch::kX86_64},
    {"i386-linux", record::arch::kI386},
    {"aarch64", record::arch::kAarch64},
    {"arm-linux", record::arch::kArm},
    {"powerpc64le", record::arch::kPpc64le},
    {"s390x", record::arch::kS390x},
    {"riscv64", record::arch::kRiscv64},
});

const MachineWord* other_machine(std::string_view path, std::uint32_t arch) noexcept {
  for (const MachineWord& one : kMachineWords) {
    if (path.find(one.word) == std::string_view::npos || one.arch == arch) continue;
    // What belongs to the machine's second ABI is at home.
    const bool is_second = arch == record::arch::kX86_64 && one.arch == record::arch::kI386;
    const bool is_arm = arch == record::arch::kAarch64 && one.arch == record::arch::kArm;
    if (!is_second && !is_arm) return &one;
  }
  return nullptr;
}

// The name of a process in /proc: a number, self, or a pattern of them.
bool is_process_folder(std::string_view path) noexcept {
  constexpr std::string_view kProc = "/proc/";
  if (!path.starts_with(kProc)) return false;
  std::string_view name = path.substr(kProc.size());
  name = name.substr(0, name.find('/'));
  return name == "self" || name == "thread-self" ||
         (!name.empty() && name.find_first_not_of("0123456789*?[]-") == std::string_view::npos);
}

void check_name(const Field& field, const Target& target, Place place, Findings& findings) {
  if (is_foreign(field.text)) {
    findings.warning(place, {"path-foreign", field.text + " is a place of macOS",
                             "remove the rule, or name the place on Linux"});
  } else if (const MachineWord* const machine = other_machine(field.text, target.arch)) {
    findings.warning(place, {"path-foreign",
                             field.text + " is a place of other machines: no " +
                                 std::string(record::arch_name(target.arch)) + " has it",
                             "put the rule between '#@ if arch " +
                                 std::string(record::arch_name(machine->arch)) + "' and '#@ end'"});
  } else if (is_process_folder(field.text)) {
    findings.warning(
        place, {"path-volatile",
                quoted(field.text) + " comes and goes with a process, and no rule stays on it",
                "watch what is done there by its system call, as ptrace or "
                "process_vm_writev"});
  }
}

}  // namespace

void check_paths(const LintInput& input, Findings& findings) {
  PathChecks(input, findings).run();
}

void check_path_names(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place, notes] : input.state.rules) {
    for (const Field& field : rule.fields) {
      if (is_path(field)) check_name(field, input.target, place, findings);
    }
  }
}

}  // namespace sorrel::ruleset
