// rules_oracle FILE...: each rule of public sets, compiled by us and by the libaudit that is
// installed, as auditctl drives it. Nothing is sent to the kernel but the question for its
// features.
//
// One line for each file: how many rules it has, how many libaudit takes, and how many of those are
// the same bytes. Then the others, each with the reason. Of a file *.golden.yml of go-libaudit it
// is the bytes in it that are compared: what a kernel answered.
//
// Exit status: 0 all differences have a reason, of which there are at most 10; 1 they do not; 77
// libaudit may not ask the kernel here.
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <libaudit.h>

#include "golden_rules.h"
#include "ruleset/canonical.h"
#include "ruleset/compiler.h"
#include "ruleset/parser.h"
#include "ruleset/perm_calls.h"
#include "ruleset/rule_form.h"
#include "ruleset/text.h"
#include "ruleset/wire.h"
#include "unit/ruleset/auditctl.h"

namespace {

using namespace sorrel;

constexpr int kSkipped = 77;
constexpr std::size_t kMaxReasons = 10;

// As auditctl.cpp has it: what ends with .d is a folder, so that this machine's files do not count.
class NamedFolders : public ruleset::PathProbe {
 public:
  ruleset::PathKind kind(const std::string& path) const override {
    return path.ends_with(".d") ? ruleset::PathKind::folder : ruleset::PathKind::other;
  }
};

struct Counts {
  std::size_t rules = 0;
  std::size_t accepted = 0;  // by libaudit
  std::size_t equal = 0;
  std::size_t only_ours = 0;
  std::size_t refused = 0;  // by both
};

struct Difference {
  std::string place;
  std::string line;
  std::string ours;
  std::string theirs;
};

class Oracle {
 public:
  explicit Oracle(const host::UserDb& users) {
    target_.users = &users;
    target_.paths = &folders_;
  }

  void compare_file(const char* path) {
    std::ifstream in(path);
    if (!in) {
      std::fprintf(stderr, "rules_oracle: %s cannot be read\n", path);
      is_unread_ = true;
      return;
    }
    counts_ = {};
    if (std::string_view(path).ends_with(".golden.yml")) {
      for (const ruleset::GoldenRule& one : ruleset::read_golden_rules(in))
        compare_golden(std::string(path) + ':' + std::to_string(one.line), one);
    } else {
      compare_lines(path, in);
    }
    print(path, counts_);
    add(counts_);
  }

  int finish() const {
    print("all", all_);
    for (const auto& [reason, differences] : reasons_) {
      std::printf("%zu differ: %s\n", differences.size(), reason.c_str());
      for (const Difference& one : differences) print(one);
    }
    std::printf("%zu differ without a reason\n", unexplained_.size());
    for (const Difference& one : unexplained_) print(one);
    std::printf(
        "%zu of the equal ones have arch and perm: their calls are those of libaudit 4.2's "
        "table; before 3.1.3 libaudit sets all\n",
        limited_);
    const bool is_fine = unexplained_.empty() && reasons_.size() <= kMaxReasons && !is_unread_;
    return is_fine && all_.rules != 0 ? 0 : 1;
  }

 private:
  void compare_lines(const char* path, std::istream& in) {
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
      const std::size_t begin = line.find_first_not_of(" \t");
      if (begin == std::string::npos) continue;
      const std::string text = line.substr(begin);
      if (is_rule(text)) compare(std::string(path) + ':' + std::to_string(number), text);
    }
  }

  // The kernel has cleared the bits of the mask that name classes of calls, which is_identical()
  // passes over.
  void compare_golden(const std::string& place, const ruleset::GoldenRule& golden) {
    ++counts_.rules;
    ++counts_.accepted;
    ruleset::Findings findings;
    const std::optional<ruleset::Rule> ours = compiled(place, golden.text, findings);
    const Result<ruleset::Rule> theirs = ruleset::decode_rule(golden.bytes);
    if (ours && theirs &&
        ruleset::is_identical(ruleset::canonical(*ours), ruleset::canonical(*theirs))) {
      ++counts_.equal;
      return;
    }
    differ({place, golden.text, ours ? ruleset::rule_text(*ours, target_) : first_of(findings),
            shown(golden.bytes)});
  }

  static bool is_rule(std::string_view text) {
    return text.size() > 2 && text[0] == '-' &&
           std::string_view("aAwdW").find(text[1]) != std::string_view::npos && text[2] == ' ';
  }

  std::optional<ruleset::Rule> compiled(const std::string& place, const std::string& line,
                                        ruleset::Findings& findings) const {
    ruleset::Script script;
    ruleset::parse_rules(place, line, script, findings);
    auto all = ruleset::compile(script, target_, findings);
    if (all.size() != 1) return std::nullopt;
    return std::move(all[0].rule);
  }

  static std::string first_of(const ruleset::Findings& findings) {
    return findings.all().empty() ? "nothing" : findings.all()[0].why;
  }

  void compare(const std::string& place, const std::string& line) {
    ++counts_.rules;
    ruleset::Findings findings;
    const std::optional<ruleset::Rule> ours = compiled(place, line, findings);
    const ruleset::AuditctlAnswer theirs = ruleset::auditctl_compile(line);
    if (theirs.error != 0) {
      ++(ours ? counts_.only_ours : counts_.refused);
      return;
    }
    ++counts_.accepted;
    if (ours && ruleset::encode_rule(with_libaudits_calls(*ours, line)) == theirs.bytes) {
      ++counts_.equal;
      return;
    }
    differ({place, line, ours ? ruleset::rule_text(*ours, target_) : first_of(findings),
            shown(theirs.bytes)});
  }

  void differ(Difference difference) {
    const std::string reason = reason_of(difference.line);
    (reason.empty() ? unexplained_ : reasons_[reason]).push_back(std::move(difference));
  }

  // A rule with arch and perm and without -S is limited to calls as libaudit does it from 3.1.3 on.
  // The names are checked by libaudit's own numbers; an older one has none for new calls, and sets
  // all calls in its rule.
  ruleset::Rule with_libaudits_calls(ruleset::Rule rule, const std::string& line) {
    std::uint32_t permission = 0;
    std::uint32_t arch = 0;
    for (const ruleset::Field& field : rule.fields) {
      if (field.id == AUDIT_PERM) permission = field.value;
      if (field.id == AUDIT_ARCH) arch = field.value;
    }
    if (arch == 0 || permission == 0 || line.find(" -S") != std::string::npos) return rule;
    const int machine = audit_elf_to_machine(arch);
    ruleset::Rule expected;
    for (std::uint32_t bit = 1; bit <= 8; bit *= 2) {
      if ((permission & bit) == 0) continue;
      for (const std::string_view name : ruleset::permission_calls(bit)) {
        const int number = audit_name_to_syscall(std::string(name).c_str(), machine);
        if (number >= 0) expected.mask[static_cast<unsigned>(number) / 32] |= 1U << (number % 32);
      }
    }
    for (unsigned number = 0; number < 32 * ruleset::Rule::kMaskWords; ++number) {
      const auto has = [&](const ruleset::Rule& one) {
        return (one.mask[number / 32] >> (number % 32) & 1U) != 0;
      };
      const bool is_known = audit_syscall_to_name(static_cast<int>(number), machine) != nullptr;
      if (is_known && has(rule) != has(expected)) return rule;  // differs
    }
    ++limited_;
    rule.mask.fill(0xffffffff);
    return rule;
  }

  // Why we make other bytes of a line on purpose; empty when there is no such reason.
  static std::string reason_of(const std::string& line) {
    const std::size_t exit = line.find("exit=E");
    if (exit != std::string::npos)
      return "a failed call ends with a negative number: exit=EPERM is read as exit=-EPERM";
    return "";
  }

  std::string shown(const std::vector<std::byte>& bytes) const {
    const Result<ruleset::Rule> rule = ruleset::decode_rule(bytes);
    return rule ? ruleset::rule_text(*rule, target_) : rule.error().to_string();
  }

  static void print(const char* name, const Counts& counts) {
    std::printf(
        "%s: %zu rules, %zu taken by libaudit, %zu of them equal; %zu taken by us only, "
        "%zu refused by both\n",
        name, counts.rules, counts.accepted, counts.equal, counts.only_ours, counts.refused);
  }

  static void print(const Difference& one) {
    std::printf("  %s: %s\n    ours:     %s\n    libaudit: %s\n", one.place.c_str(),
                one.line.c_str(), one.ours.c_str(), one.theirs.c_str());
  }

  void add(const Counts& counts) {
    all_.rules += counts.rules;
    all_.accepted += counts.accepted;
    all_.equal += counts.equal;
    all_.only_ours += counts.only_ours;
    all_.refused += counts.refused;
  }

  NamedFolders folders_;
  ruleset::Target target_;
  Counts counts_;
  Counts all_;
  std::size_t limited_ = 0;
  bool is_unread_ = false;
  std::map<std::string, std::vector<Difference>> reasons_;
  std::vector<Difference> unexplained_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: rules_oracle FILE...\n", stderr);
    return 2;
  }
  if (!ruleset::auditctl_knows_features()) {
    std::puts("SKIP: libaudit may not ask the kernel for its features here");
    return kSkipped;
  }
  const Result<host::UserDb> users = host::UserDb::load("/");
  if (!users) {
    std::fprintf(stderr, "rules_oracle: %s\n", users.error().to_string().c_str());
    return 1;
  }
  Oracle oracle(*users);
  for (int i = 1; i < argc; ++i) oracle.compare_file(argv[i]);
  return oracle.finish();
}
