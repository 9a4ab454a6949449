#include "ruleset/compiler.h"

#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "ruleset/call_table.h"
#include "ruleset/compiler_fields.h"
#include "ruleset/names.h"
#include "ruleset/numbers.h"
#include "ruleset/perm_calls.h"

namespace sorrel::ruleset {
namespace {

constexpr char kKeySeparator = '\x01';
// The last numbers of the mask are names of the kernel's classes of calls, which it replaces.
// Source: linux/kernel/auditfilter.c, AUDIT_SYSCALL_CLASSES.
constexpr std::uint32_t kCallClasses = 16;
constexpr std::uint32_t kEndOfCalls = Rule::kMaskWords * 32 - kCallClasses;
constexpr std::size_t kMaxSuggestions = 100;
constexpr std::uint32_t kFeatureExcludeExtend = 0x8;
constexpr KernelVersion kFirstWithUring{5, 16};

void set_call(Rule& rule, std::uint32_t number) {
  rule.mask[number / 32] |= 1U << (number % 32);
}

const Field* find_last(const Rule& rule, std::uint32_t id) noexcept {
  for (std::size_t i = rule.fields.size(); i-- != 0;) {
    if (rule.fields[i].id == id) return &rule.fields[i];
  }
  return nullptr;
}

class Compiler {
 public:
  Compiler(const Target& target, Findings& findings) : target_(target), findings_(findings) {}

  void compile(const Statement& statement, std::vector<Compiled>& out) {
    if (!std::ranges::all_of(statement.conditions,
                             [&](const Condition& one) { return holds(one, target_); })) {
      return;
    }
    const bool is_rule =
        statement.command == Command::add_rule || statement.command == Command::remove_rule;
    if (!is_rule) {
      Compiled compiled{statement.command, statement.place, {}, statement.number, {}};
      for (const Word& word : statement.words) compiled.words.push_back(word.text);
      out.push_back(std::move(compiled));
    } else if (statement.each.empty()) {
      compile_one(statement, statement.rule, out);
    } else {
      compile_each(statement, out);
    }
  }

 private:
  void compile_one(const Statement& statement, const RuleText& text, std::vector<Compiled>& out) {
    if (std::optional<Rule> rule = compile_rule(text, statement.place)) {
      out.push_back({statement.command, statement.place, *std::move(rule), 0, {}});
    }
  }

  // The rule once for each name of the list that the host has, in the place of the one it names.
  void compile_each(const Statement& statement, std::vector<Compiled>& out) {
    RuleText text = statement.rule;
    const auto is_named = [&](const FieldText& one) {
      return !one.number &&
             (one.info->kind == ValueKind::user || one.info->kind == ValueKind::group) &&
             std::ranges::find(statement.each, one.value) != statement.each.end();
    };
    const auto field = std::ranges::find_if(text.fields, is_named);
    if (field == text.fields.end()) {
      return findings_.error(statement.place,
                             {"each-unused", "the rule names no user of the list of '#@ each'",
                              "name one of them, as in -F uid=" + statement.each[0]});
    }
    for (const std::string& name : statement.each) {
      const bool is_user = field->info->kind == ValueKind::user;
      const bool exists = target_.users == nullptr ? name == "root"
                          : is_user                ? target_.users->user_id(name).has_value()
                                                   : target_.users->group_id(name).has_value();
      if (!exists) continue;
      field->value = name;
      compile_one(statement, text, out);
    }
  }

  std::optional<Rule> compile_rule(const RuleText& text, Place place) {
    Rule rule{text.list, text.prepend, text.action, {}, {}};
    if (!is_list_known(text, place)) return std::nullopt;
    if (text.watch) rule.fields.push_back(watch_field(text));
    bool is_whole = true;
    for (const FieldText& one : text.fields) {
      std::optional<Field> field = compile_field(one, target_, findings_);
      is_whole = is_whole && field.has_value();
      if (field) rule.fields.push_back(*std::move(field));
    }
    if (!is_whole || !fill_mask(text, rule, place)) return std::nullopt;
    add_keys(text, rule);
    return rule;
  }

  bool is_list_known(const RuleText& text, Place place) {
    if (text.list == List::io_uring && target_.kernel < kFirstWithUring) {
      findings_.error(place, {"kernel-too-old", "the list io_uring came with Linux 5.16",
                              "put the rule between '#@ if kernel >= 5.16' and '#@ end'"});
      return false;
    }
    if (text.list != List::exclude || (target_.features & kFeatureExcludeExtend) != 0) return true;
    for (const FieldText& one : text.fields) {
      if (one.info->id == field::kMsgType) continue;
      findings_.error(one.place,
                      {"kernel-too-old", "this kernel knows only msgtype in the list exclude",
                       "remove the field"});
      return false;
    }
    return true;
  }

  Field watch_field(const RuleText& text) const {
    const std::string& path = text.watch->text;
    const PathKind kind = target_.paths == nullptr ? PathKind::missing : target_.paths->kind(path);
    const bool is_folder =
        kind == PathKind::folder || (kind == PathKind::missing && text.watch_has_slash);
    return {is_folder ? field::kDir : field::kPath, Op::equal,
            static_cast<std::uint32_t>(path.size()), path};
  }

  // False: no call is left.
  bool fill_mask(const RuleText& text, Rule& rule, Place place) {
    if (!text.calls.empty()) return add_calls(text, rule, place);
    const Field* const permission = find_last(rule, field::kPerm);
    const Field* const arch = find_last(rule, field::kArch);
    if (text.list == List::task) return true;
    if (permission == nullptr || arch == nullptr) {
      rule.mask.fill(0xffffffff);
      return true;
    }
    const ArchCalls& calls = calls_of(arch->value);
    if (!calls.table.is_known()) {
      rule.mask.fill(0xffffffff);
      return true;
    }
    for (std::size_t bit = 0; bit < calls.of_permission.size(); ++bit) {
      if ((permission->value >> bit & 1U) == 0) continue;
      for (std::size_t i = 0; i < rule.mask.size(); ++i) {
        rule.mask[i] |= calls.of_permission[bit].mask[i];
      }
    }
    return true;
  }

  bool add_calls(const RuleText& text, Rule& rule, Place place) {
    const std::size_t errors_before = findings_.errors();
    const Field* const arch = find_last(rule, field::kArch);
    std::size_t added = 0;
    for (const Word& call : text.calls) {
      if (call.text == "all") {
        // In the list io_uring, too, where libaudit 4 sets the operations that its table names: one
        // that the next kernel brings shall not pass by.
        rule.mask.fill(0xffffffff);
        ++added;
      } else if (const auto number =
                     call_number(call, text.list, arch != nullptr ? arch->value : target_.arch)) {
        set_call(rule, *number);
        ++added;
      }
    }
    if (findings_.errors() != errors_before) return false;
    if (added == 0) {
      findings_.warning(place,
                        {"rule-empty", "none of its system calls is there: the rule is left out",
                         "nothing, when it is for other hosts"});
    }
    return added != 0;
  }

  std::optional<std::uint32_t> call_number(const Word& call, List list, std::uint32_t arch) {
    if (call.text[0] >= '0' && call.text[0] <= '9') {
      const std::optional<std::uint32_t> number = read_u32(call.text);
      if (number && *number < kEndOfCalls) return number;
      findings_.error(call.place,
                      {"call-invalid", "'" + call.text + "' is no number of a system call",
                       "give a number below 2032"});
      return std::nullopt;
    }
    if (list == List::io_uring) {
      const std::optional<std::uint32_t> number = uring_op_number(call.text);
      if (!number)
        findings_.error(call.place,
                        {"call-unknown", "io_uring has no operation '" + call.text + "'",
                         "give its name without IORING_OP_, in small letters"});
      return number;
    }
    const CallTable& table = calls_of(arch).table;
    const std::optional<std::uint32_t> number = table.number(call.text);
    if (number && *number < kEndOfCalls) return number;
    if (is_call_somewhere(call.text)) {
      const std::string_view name = record::arch_name(arch);
      findings_.warning(call.place, {"call-not-here",
                                     "'" + call.text + "' is no system call of " +
                                         std::string(name) + ": it is left out",
                                     "nothing: the rule's other calls stay"});
    } else {
      // Looking for it takes long; a file of nothing but wrong names is not held up by it.
      const bool is_flood = findings_.errors() > kMaxSuggestions;
      const std::string_view nearest = is_flood ? std::string_view{} : table.nearest(call.text);
      findings_.error(call.place,
                      {"call-unknown", "there is no system call '" + call.text + "'",
                       nearest.empty() ? "give its number if it is new"
                                       : "did you mean '" + std::string(nearest) + "'?"});
    }
    return std::nullopt;
  }

  static void add_keys(const RuleText& text, Rule& rule) {
    if (text.keys.empty()) return;
    Field key{field::kKey, Op::equal, 0, {}};
    for (const Word& word : text.keys) {
      if (!key.text.empty()) key.text += kKeySeparator;
      key.text += word.text;
    }
    key.value = static_cast<std::uint32_t>(key.text.size());
    rule.fields.push_back(std::move(key));
  }

  // What is looked up of an architecture again and again.
  struct ArchCalls {
    CallTable table;
    std::array<Rule, 4> of_permission;  // their masks are the calls of perm's bits
  };

  const ArchCalls& calls_of(std::uint32_t arch) {
    for (const ArchCalls& calls : calls_) {
      if (calls.table.arch() == arch) return calls;
    }
    ArchCalls& calls = calls_.emplace_back(ArchCalls{CallTable(arch), {}});
    for (std::uint32_t i = 0; i < calls.of_permission.size(); ++i) {
      add_named(permission_calls(1U << i), calls.table, calls.of_permission[i]);
      if (!target_.expand_to_kernel_classes) continue;
      add_named(narrow_permission_calls(1U << i), calls.table, calls.of_permission[i]);
    }
    return calls;
  }

  static void add_named(std::span<const std::string_view> names, const CallTable& table,
                        Rule& rule) {
    for (const std::string_view name : names) {
      if (const auto number = table.number(name)) set_call(rule, *number);
    }
  }

  const Target& target_;
  Findings& findings_;
  std::list<ArchCalls> calls_;  // a reference to one outlives the next one's arrival
};

}  // namespace

std::vector<Compiled> compile(const Script& script, const Target& target, Findings& findings) {
  Compiler compiler(target, findings);
  std::vector<Compiled> out;
  out.reserve(script.statements.size());
  for (const Statement& statement : script.statements) compiler.compile(statement, out);
  return out;
}

}  // namespace sorrel::ruleset
