// Asks a guest's kernel about rules, and compares what it says with what lib/ruleset says.
//
//   guest_fields table          every field with every operator in every list: does it take it?
//   guest_fields round SEED N   N random rules: text -> kernel -> text is the same rule
//
// A line for each disagreement, and the counts. Exit status 0: none that is not explained.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ruleset/canonical.h"
#include "ruleset/compiler.h"
#include "ruleset/fields.h"
#include "ruleset/netlink_rule_kernel.h"
#include "ruleset/parser.h"
#include "ruleset/rule_form.h"
#include "ruleset/text.h"
#include "ruleset/wanted_rules.h"

namespace {

using namespace sorrel;
using namespace sorrel::ruleset;

constexpr auto kLists = std::to_array<List>(
    {List::task, List::exit, List::user, List::exclude, List::filesystem, List::io_uring});
constexpr auto kOps =
    std::to_array<Op>({Op::equal, Op::not_equal, Op::less, Op::less_or_equal, Op::greater,
                       Op::greater_or_equal, Op::bit_mask, Op::bit_test});

// A value that the kernel takes, as a rules file has it.
std::string value_of(const FieldInfo& info) {
  switch (info.kind) {
    case ValueKind::arch:
      return "b64";
    case ValueKind::message_type:
      return "CWD";
    case ValueKind::filesystem:
      return "tracefs";
    case ValueKind::file_type:
      return "file";
    case ValueKind::permission:
      return "wa";
    case ValueKind::path:
      return info.id == field::kDir ? "/tmp" : "/tmp/true";
    case ValueKind::label:
      return "some_t";
    case ValueKind::key:
      return "key";
    case ValueKind::exit_code:
      return "-EACCES";
    default:
      return "1";
  }
}

struct Answers {
  bool ours = false;
  bool kernel = false;
};

// The rule as the kernel is to have it, whatever the parser says of it.
Rule raw_rule(const FieldInfo& info, Op op, List list, const Target& target) {
  Script script;
  Findings findings;
  // Where the field is surely taken, for its value.
  const List home = list_bit(List::exit) & info.lists      ? List::exit
                    : list_bit(List::exclude) & info.lists ? List::exclude
                                                           : List::filesystem;
  parse_rules("value",
              "-a never," + std::string(list_name(home)) + " -F " + std::string(info.name) + "=" +
                  value_of(info) + "\n",
              script, findings);
  const auto compiled = compile(script, target, findings);
  if (compiled.size() != 1) {
    std::printf("FAILED: no value for %s\n", std::string(info.name).c_str());
    std::exit(1);
  }
  Rule rule = compiled[0].rule;
  rule.list = list;
  rule.mask = {};
  if (list == List::exit || list == List::io_uring) rule.mask.fill(0xffffffff);
  rule.fields[0].op = op;
  return rule;
}

bool kernel_takes(RuleKernel& kernel, const Rule& rule) {
  if (!kernel.add(rule)) return false;
  if (kernel.remove(rule)) return true;
  std::printf("FAILED: a rule that was added cannot be removed\n");
  std::exit(1);
}

bool we_take(const FieldInfo& info, Op op, List list, const Target& target) {
  Script script;
  Findings findings;
  parse_rules("table",
              "-a never," + std::string(list_name(list)) + " -F " + std::string(info.name) +
                  std::string(op_symbol(op)) + value_of(info) + "\n",
              script, findings);
  return compile(script, target, findings).size() == 1 && findings.errors() == 0;
}

// What this kernel refuses and others take.
std::string_view reason_of_kernel(const FieldInfo& info) {
  // Labels are SELinux's; this kernel has AppArmor, which knows subj_role only.
  return info.kind == ValueKind::label ? "labels need SELinux" : "";
}

// What this kernel takes and we refuse on purpose.
std::string_view reason_to_refuse(const FieldInfo& info, Op op, List list) {
  if (list == List::task && info.id >= field::kA0 && info.id <= field::kA3) {
    return "the list task has no call yet: it never matches";
  }
  if (info.id == field::kPerm && op == Op::not_equal) return "no tool can write it";
  if (info.id == field::kKey && op == Op::not_equal) return "a key never filters";
  if ((list_bit(list) & info.lists) == 0) return "it never matches in this list";
  return {};
}

int table(RuleKernel& kernel) {
  const HostTarget host;
  int asked = 0;
  int agreed = 0;
  int explained = 0;
  int wrong = 0;
  for (const FieldInfo& info : all_fields()) {
    if (info.name == "loginuid") continue;  // auid's other name
    for (const List list : kLists) {
      for (const Op op : kOps) {
        ++asked;
        const Answers answers{we_take(info, op, list, host.target()),
                              kernel_takes(kernel, raw_rule(info, op, list, host.target()))};
        if (answers.ours == answers.kernel) {
          ++agreed;
          continue;
        }
        const std::string_view reason =
            answers.kernel ? reason_to_refuse(info, op, list) : reason_of_kernel(info);
        ++(reason.empty() ? wrong : explained);
        if (reason.empty()) {
          std::printf(
              "DIFFERS: %s%s in %s: %s\n", std::string(info.name).c_str(),
              std::string(op_symbol(op)).c_str(), std::string(list_name(list)).c_str(),
              answers.ours ? "we take it, the kernel does not" : "the kernel takes it, we do not");
        }
      }
    }
  }
  std::printf("table: %d combinations, %d agreed, %d explained, %d wrong\n", asked, agreed,
              explained, wrong);
  return wrong == 0 && asked > 2'000 ? 0 : 1;
}

class RandomRules {
 public:
  explicit RandomRules(std::uint32_t seed) : random_(seed) {}

  std::string line() {
    const List list = kLists[pick(kLists.size())];
    std::string text = pick(2) == 0 ? "-a always," : "-a never,";
    text += list_name(list);
    const bool has_calls = list == List::exit || list == List::io_uring;
    if (list == List::exit) text += pick(2) == 0 ? " -F arch=b64" : " -F arch=b32";
    if (has_calls) text += " -S " + calls(list);
    if (list == List::filesystem)
      return text + " -F fstype=" + (pick(2) == 0 ? "tracefs" : "debugfs");
    const std::size_t fields = list == List::exclude ? 1 + pick(2) : pick(6);
    for (std::size_t i = 0; i < fields; ++i) add_field(list, text);
    if (list == List::exit && pick(5) == 0) text += " -C uid!=euid";
    if (pick(2) == 0 && has_calls) text += " -k key" + std::to_string(pick(50));
    return text;
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }

  std::string calls(List list) {
    static const std::vector<std::string> kCalls = {"openat",       "execve",  "unlink", "all",
                                                    "chmod,fchmod", "connect", "7,300"};
    static const std::vector<std::string> kOperations = {"openat", "connect", "all", "9"};
    return list == List::exit ? kCalls[pick(kCalls.size())] : kOperations[pick(kOperations.size())];
  }

  void add_field(List list, std::string& text) {
    const auto fields = all_fields();
    for (int tries = 0; tries < 20; ++tries) {
      const FieldInfo& info = fields[pick(fields.size())];
      const Op op = kOps[pick(kOps.size())];
      const bool is_special = info.id == field::kArch || info.id == field::kKey ||
                              info.id == field::kFieldCompare || info.id == field::kLoginuidSet;
      if ((info.lists & list_bit(list)) == 0 || !is_in(op, info.ops) || is_special) continue;
      if (info.kind == ValueKind::label && info.name != "subj_role") continue;
      const std::string name(info.name);
      // Once in a rule; and one of path, dir and inode.
      const bool is_target =
          info.id == field::kPath || info.id == field::kDir || info.id == field::kInode;
      if (text.find(" " + name) != std::string::npos || (is_target && has_target_)) continue;
      has_target_ = has_target_ || is_target;
      text += " -F " + name + std::string(op_symbol(op)) + value(info);
      break;
    }
    if (pick(3) == 0) has_target_ = false;
  }

  std::string value(const FieldInfo& info) {
    switch (info.kind) {
      case ValueKind::number:
      case ValueKind::session:
      case ValueKind::group:
        return std::to_string(pick(100'000));
      case ValueKind::user:
        return info.id == field::kAuid && pick(3) == 0 ? "unset" : std::to_string(pick(70'000));
      case ValueKind::signed_number:
        return "0x" + std::to_string(pick(9'999'999));
      case ValueKind::exit_code:
        return std::array{"-EACCES", "-1", "0", "-99999", "17"}[pick(5)];
      case ValueKind::family:
        return std::array{"inet", "inet6", "16"}[pick(3)];
      case ValueKind::message_type:
        return std::array{"CWD", "USER_LOGIN", "1999"}[pick(3)];
      case ValueKind::permission:
        return std::array{"r", "w", "x", "a", "rwxa", "wa"}[pick(6)];
      case ValueKind::path:
        return info.id == field::kDir ? "/tmp"
                                      : std::array{"/tmp/true", "/tmp/a\\ b", "/tmp/ä\""}[pick(3)];
      default:
        return value_of(info);
    }
  }

  std::mt19937 random_;
  bool has_target_ = false;
};

std::string one_line(const Rule& rule) {
  return rule_text(rule, Target{});
}

int round_trip(RuleKernel& kernel, std::uint32_t seed, int count) {
  const HostTarget host;
  RandomRules random(seed);
  int tried = 0;
  int refused = 0;
  int wrong = 0;
  for (; tried < count; ++tried) {
    const std::string line = random.line();
    Script script;
    Findings findings;
    parse_rules("random", line + "\n", script, findings);
    const auto compiled = compile(script, host.target(), findings);
    if (compiled.size() != 1 || findings.errors() != 0 || !kernel.add(compiled[0].rule)) {
      ++refused;
      continue;
    }
    const auto loaded = kernel.list();
    if (!loaded || loaded->size() != 1) {
      std::printf("FAILED: %s: not one rule is loaded\n", line.c_str());
      return 1;
    }
    const std::string again = one_line(loaded->front());
    Script second;
    parse_rules("again", again + "\n", second, findings);
    const auto compiled_again = compile(second, host.target(), findings);
    const bool is_same =
        canonical(loaded->front()) == canonical(compiled[0].rule) && compiled_again.size() == 1 &&
        canonical(compiled_again[0].rule) == canonical(compiled[0].rule) &&
        one_line(canonical(compiled_again[0].rule)) == one_line(canonical(compiled[0].rule));
    if (!is_same) {
      ++wrong;
      std::printf("DIFFERS: %s\n     as: %s\n", line.c_str(), again.c_str());
    }
    if (!kernel.remove(compiled[0].rule)) {
      std::printf("FAILED: %s: it cannot be removed as it was written\n", line.c_str());
      return 1;
    }
  }
  std::printf("round trip: seed %u, %d rules, %d refused, %d wrong\n", seed, tried, refused, wrong);
  return wrong == 0 && refused < tried / 5 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  const SystemClock clock;
  const auto kernel = NetlinkRuleKernel::open(clock);
  if (!kernel) {
    std::printf("FAILED: %s\n", kernel.error().to_string().c_str());
    return 1;
  }
  if (command == "table") return table(**kernel);
  if (command == "round" && argc == 4) {
    return round_trip(**kernel, static_cast<std::uint32_t>(std::atoi(argv[2])), std::atoi(argv[3]));
  }
  std::fprintf(stderr, "usage: guest_fields table | round SEED N\n");
  return 2;
}
