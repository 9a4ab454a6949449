#include "ruleset/rule_checks.h"

#include <string>
#include <string_view>
#include <utility>

#include "ruleset/call_table.h"
#include "ruleset/field_value.h"
#include "ruleset/names.h"
#include "ruleset/numbers.h"

namespace sorrel::ruleset {
namespace {

constexpr char kKeySeparator = '\x01';

void error(Findings& findings, Place place, std::string_view id, std::string why,
           std::string remedy) {
  findings.error(place, {id, std::move(why), std::move(remedy)});
}

void check_keys(const RuleText& rule, Findings& findings) {
  std::size_t size = rule.keys.empty() ? 0 : rule.keys.size() - 1;
  for (const Word& key : rule.keys) {
    size += key.text.size();
    if (key.text.empty())
      error(findings, key.place, "value-missing", "the key is empty", "give it a name");
    if (key.text.find(kKeySeparator) != std::string::npos) {
      error(findings, key.place, "key-invalid", "the key has the byte that separates keys",
            "remove it");
    }
  }
  if (size > kMaxKeyBytes) {
    error(findings, rule.keys.back().place, "key-too-long",
          "the rule's keys have " + std::to_string(size) + " bytes together; the kernel takes 256",
          "shorten them");
  }
}

// What holds for the rule as a whole. Source: linux/kernel/auditfilter.c, audit_data_to_entry().
void check_fields(const RuleText& rule, Place place, Findings& findings) {
  const FieldText* target = nullptr;
  const FieldText* exe = nullptr;
  for (const FieldText& one : rule.fields) {
    const std::uint32_t id = one.info->id;
    if (id == field::kExe) {
      if (exe != nullptr)
        error(findings, one.place, "exe-twice", "the kernel takes one exe a rule",
              "write a rule for each program");
      exe = &one;
    }
    if (id != field::kPath && id != field::kDir && (id != field::kInode || one.op != Op::equal))
      continue;
    if (target != nullptr) {
      error(findings, one.place, "path-twice", "the kernel takes one of path, dir and inode a rule",
            "write a rule for each of them");
    }
    target = &one;
  }
  const std::size_t count = rule.fields.size() + (rule.keys.empty() ? 0 : 1) + (rule.watch ? 1 : 0);
  if (count > Rule::kMaxFields) {
    error(findings, place, "fields-too-many",
          "the rule has " + std::to_string(count) + " fields; the kernel takes 64", "split it");
  }
}

}  // namespace

void check_rule_text(const RuleText& rule, Place place, Findings& findings) {
  check_keys(rule, findings);
  check_fields(rule, place, findings);
}

void check_call_names(const RuleText& rule, Findings& findings) {
  for (const Word& call : rule.calls) {
    if (call.text == "all" || read_number(call.text)) continue;
    const bool is_known = rule.list == List::io_uring ? uring_op_number(call.text).has_value()
                                                      : is_call_somewhere(call.text);
    if (is_known) continue;
    error(findings, call.place, "call-unknown", "there is no system call '" + call.text + "'",
          "give its number if it is new");
  }
}

}  // namespace sorrel::ruleset
