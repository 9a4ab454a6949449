#include "ruleset/explain.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "record/tables/arch.h"
#include "record/tables/syscalls.h"
#include "ruleset/arches.h"
#include "ruleset/call_table.h"
#include "ruleset/fields.h"
#include "ruleset/names.h"
#include "ruleset/text.h"

namespace sorrel::ruleset {
namespace {

constexpr std::uint32_t kUnset = 0xffffffff;
constexpr std::size_t kNamedCalls = 8;
constexpr std::uint32_t kCalls = Rule::kMaskWords * 32 - 16;

// What a field is about, as the subject of a sentence.
struct Subject {
  std::string_view field;
  std::string_view words;
};
constexpr auto kSubjects = std::to_array<Subject>({
    {"pid", "the number of the process"},
    {"ppid", "the number of the parent process"},
    {"uid", "the user"},
    {"euid", "the effective user"},
    {"suid", "the saved user"},
    {"fsuid", "the user for file access"},
    {"gid", "the group (or one of the others of the process)"},
    {"egid", "the effective group (or one of the others of the process)"},
    {"sgid", "the saved group"},
    {"fsgid", "the group for file access"},
    {"auid", "the user who logged in"},
    {"sessionid", "the login session"},
    {"obj_uid", "the owner of the file"},
    {"obj_gid", "the group of the file"},
    {"pers", "the personality of the process"},
    {"msgtype", "the type of the record"},
    {"subj_user", "the user of the process's security context"},
    {"subj_role", "the role of the process's security context"},
    {"subj_type", "the type of the process's security context"},
    {"subj_sen", "the sensitivity of the process's security context"},
    {"subj_clr", "the clearance of the process's security context"},
    {"obj_user", "the user of the file's security context"},
    {"obj_role", "the role of the file's security context"},
    {"obj_type", "the type of the file's security context"},
    {"obj_lev_low", "the lower level of the file's security context"},
    {"obj_lev_high", "the upper level of the file's security context"},
    {"devmajor", "the major number of the file's device"},
    {"devminor", "the minor number of the file's device"},
    {"inode", "the inode of the file"},
    {"filetype", "the type of the file"},
    {"fstype", "the file system"},
    {"saddr_fam", "the family of the socket address"},
    {"exe", "the program"},
    {"a0", "the first argument"},
    {"a1", "the second argument"},
    {"a2", "the third argument"},
    {"a3", "the fourth argument"},
});

std::string subject_of(std::string_view field) {
  for (const Subject& one : kSubjects) {
    if (one.field == field) return std::string(one.words);
  }
  return std::string(field);
}

std::string_view op_words(Op op) noexcept {
  switch (op) {
    case Op::equal:
      return " is ";
    case Op::not_equal:
      return " is not ";
    case Op::less:
      return " is below ";
    case Op::greater:
      return " is above ";
    case Op::less_or_equal:
      return " is at most ";
    case Op::greater_or_equal:
      return " is at least ";
    case Op::bit_mask:
      return " has one of the bits of ";
    case Op::bit_test:
      return " has all bits of ";
  }
  return " is ";
}

std::string permission_words(std::uint32_t bits) {
  constexpr std::array<std::string_view, 4> kWords = {"executed", "written", "read",
                                                      "changed in its attributes"};
  std::string text;
  for (std::uint32_t bit : {2U, 1U, 0U, 3U}) {
    if ((bits >> bit & 1U) == 0) continue;
    if (!text.empty()) text += " or ";
    text += kWords[bit];
  }
  return text;
}

class Explainer {
 public:
  Explainer(const Rule& rule, const Target& target) : rule_(rule), target_(target) {}

  Explanation explain() {
    explain_effect();
    explain_calls();
    for (const Field& field : rule_.fields) explain_field(field);
    add_notes();
    return std::move(out_);
  }

 private:
  void explain_effect() {
    const bool never = rule_.action == Action::never;
    switch (rule_.list) {
      case List::exit:
        out_.effect = never
                          ? "no event when such a system call ends, whatever rules come after it"
                          : "an event when such a system call ends, unless an earlier rule decides";
        return;
      case List::io_uring:
        out_.effect = never ? "no event when such an operation of io_uring ends"
                            : "an event when such an operation of io_uring ends";
        return;
      case List::task:
        out_.effect = never ? "a process that is made so is never audited, for as long as it lives"
                            : "a process that is made so is audited, as it would be without it";
        return;
      case List::exclude:
        out_.effect = "such records are left out of every event";
        return;
      case List::user:
        out_.effect = never ? "such messages of programs are not taken"
                            : "such messages of programs are taken";
        return;
      case List::filesystem:
        out_.effect =
            never ? "file names on it are left out of events" : "file names on it are in events";
        return;
    }
  }

  std::uint32_t arch() const {
    for (const Field& field : rule_.fields) {
      if (field.id == field::kArch) return field.value;
    }
    return target_.arch;
  }

  std::string call_name(std::uint32_t number) const {
    const std::string_view name =
        rule_.list == List::io_uring ? uring_op_name(number) : record::syscall_name(arch(), number);
    return name.empty() ? std::to_string(number) : std::string(name);
  }

  void explain_calls() {
    if (rule_.list != List::exit && rule_.list != List::io_uring) return;
    std::size_t count = 0;
    for (std::uint32_t number = 0; number < kCalls; ++number) {
      if ((rule_.mask[number / 32] >> (number % 32) & 1U) == 0) continue;
      if (++count > kNamedCalls) continue;
      out_.calls += (out_.calls.empty() ? "" : ", ") + call_name(number);
    }
    if (count == kCalls) {
      out_.calls = rule_.list == List::exit ? "all" : "all operations";
      return;
    }
    out_.call_count = count;
    if (count > kNamedCalls) out_.calls += " and " + std::to_string(count - kNamedCalls) + " more";
  }

  std::string value(const Field& field) const {
    std::string text = field_value_text(field, target_, {.resolve = true});
    const std::string number = field_value_text(field, target_);
    if (text != number) text += " (" + number + ")";
    return text;
  }

  void explain_field(const Field& field) {
    if (field.id == field::kKey) return add_keys(field.text);
    out_.conditions.push_back(condition(field));
  }

  std::string condition(const Field& field) const {
    const bool equal = field.op == Op::equal;
    switch (field.id) {
      case field::kArch:
        return std::string("the call ") + (equal ? "is" : "is not") + " one of " +
               arch_words(field);
      case field::kPath:
        return "the file " + field.text + " is meant";
      case field::kDir:
        return field.text + ", or something below it, is meant";
      case field::kPerm:
        return std::string("it could ") + (equal ? "" : "not ") + "be " +
               permission_words(field.value) + " by the call";
      case field::kExit:
        return equal && field.value >= 0x80000000
                   ? "the call fails with " + value(field).substr(1)
                   : "what the call returns" + std::string(op_words(field.op)) + value(field);
      case field::kSuccess:
        return (field.value != 0) == equal ? "the call succeeds" : "the call fails";
      case field::kAuid:
        if (field.value == kUnset && field.op == Op::not_equal) return "somebody has logged in";
        if (field.value == kUnset && equal) return "nobody has logged in: it is a service";
        break;
      case field::kFieldCompare:
        return compare_words(field);
      default:
        break;
    }
    const FieldInfo* const info = find_field(field.id);
    const std::string subject =
        info != nullptr ? subject_of(info->name) : "field " + std::to_string(field.id);
    return subject + std::string(op_words(field.op)) + value(field);
  }

  std::string arch_words(const Field& field) const {
    const std::string name(record::arch_name(field.value));
    if (arch_of_bits(target_.arch, 64) == field.value) return "the 64-bit ones (" + name + ")";
    if (arch_of_bits(target_.arch, 32) == field.value) return "the 32-bit ones (" + name + ")";
    return name.empty() ? value(field) : name;
  }

  static std::string compare_words(const Field& field) {
    const auto pair = comparison_fields(field.value);
    if (!pair) return "comparison " + std::to_string(field.value);
    return subject_of(pair->left) + (field.op == Op::equal ? " is " : " is not ") +
           subject_of(pair->right);
  }

  void add_keys(std::string_view text) {
    constexpr char kSeparator = '\x01';
    while (true) {
      const std::size_t end = text.find(kSeparator);
      out_.keys.emplace_back(text.substr(0, end));
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
    }
  }

  bool has(std::uint32_t id) const {
    return std::ranges::any_of(rule_.fields, [id](const Field& one) { return one.id == id; });
  }

  void add_notes() {
    if (rule_.list == List::exit && !has(field::kArch) && out_.call_count != 0) {
      out_.notes.push_back(
          "without arch=, the numbers of the calls are taken for every "
          "architecture, where they are other calls");
    }
    if (has(field::kDir)) {
      out_.notes.push_back("what is mounted below the folder later is not covered");
    }
    if (has(field::kPerm) && (has(field::kPath) || has(field::kDir))) {
      out_.notes.push_back(
          "what counts is how the file is opened; later reading and writing is "
          "not seen");
    }
    if (has(field::kPath)) {
      out_.notes.push_back(
          "the rule is on that file's folder and name: when it is replaced, the "
          "rule follows");
    }
  }

  const Rule& rule_;
  const Target& target_;
  Explanation out_;
};

}  // namespace

Explanation explain(const Rule& rule, const Target& target) {
  return Explainer(rule, target).explain();
}

}  // namespace sorrel::ruleset
