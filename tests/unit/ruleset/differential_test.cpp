// Every rule of tests/ruleset/*.rules, and every field with every operator in every list, compiled
// by us and by the libaudit that is installed.
#include <fstream>
#include <set>

#include "auditctl.h"
#include "catch.h"
#include "compiled.h"
#include "ruleset/field_value.h"
#include "ruleset/rule_files.h"
#include "ruleset/text.h"
#include "ruleset/wire.h"

namespace sorrel::ruleset {
namespace {

// As auditctl.cpp has it: what ends with .d is a folder.
class NamedFolders : public PathProbe {
 public:
  PathKind kind(const std::string& path) const override {
    return path.ends_with(".d") ? PathKind::folder : PathKind::other;
  }
};

const host::UserDb& users() {
  static const host::UserDb users =
      host::UserDb::parse("root:x:0:0::/root:/bin/sh\n", "root:x:0:\n");
  return users;
}

Target target() {
  static const NamedFolders kFolders;
  Target target;
  target.users = &users();
  target.paths = &kFolders;
  return target;
}

std::string shown(const std::vector<std::byte>& bytes) {
  const Result<Rule> rule = decode_rule(bytes);
  return rule ? rule_text(*rule, target()) : rule.error().to_string();
}

bool has_perm_expanded(const Rule& rule) {
  bool has_arch = false;
  bool has_perm = false;
  for (const Field& field : rule.fields) {
    has_arch = has_arch || field.id == field::kArch;
    has_perm = has_perm || field.id == field::kPerm;
  }
  return has_arch && has_perm;
}

void check_line(const std::string& line) {
  CompiledText ours = compile_text(line, target());
  AuditctlAnswer theirs = auditctl_compile(line);
  INFO(line << "\n" << ours.told());
  REQUIRE(ours.compiled.size() == 1);
  REQUIRE(theirs.error == 0);
  if (has_perm_expanded(ours.compiled[0].rule) && line.find("-S") == std::string::npos) {
    // libaudit before 3.1.3 watched all calls; rules_oracle.cpp compares them by name.
    Rule rule = ours.compiled[0].rule;
    rule.mask.fill(0xffffffff);
    CHECK(shown(encode_rule(rule)) == shown(theirs.bytes));
    return;
  }
  CHECK(shown(encode_rule(ours.compiled[0].rule)) == shown(theirs.bytes));
  CHECK(encode_rule(ours.compiled[0].rule) == theirs.bytes);
}

std::string sample_value(const FieldInfo& field) {
  switch (field.kind) {
    case ValueKind::user:
    case ValueKind::group:
    case ValueKind::number:
    case ValueKind::session:
    case ValueKind::comparison:
    case ValueKind::success:
      return "1";
    case ValueKind::signed_number:
      return "-7";
    case ValueKind::arch:
      return "b64";
    case ValueKind::message_type:
      return "CWD";
    case ValueKind::exit_code:
      return "-EACCES";
    case ValueKind::family:
      return "10";
    case ValueKind::filesystem:
      return "debugfs";
    case ValueKind::file_type:
      return "fifo";
    case ValueKind::permission:
      return "wa";
    case ValueKind::path:
    case ValueKind::label:
    case ValueKind::key:
      return "/x/y";
  }
  return "";
}

constexpr Op kOps[] = {Op::equal,         Op::not_equal,        Op::less,     Op::greater,
                       Op::less_or_equal, Op::greater_or_equal, Op::bit_mask, Op::bit_test};
constexpr List kLists[] = {List::exit, List::task, List::user, List::exclude, List::filesystem};

// Why only one of the two takes a field; empty when there is no good reason.
std::string reason_of(const FieldInfo& field, Op op, List list, bool is_ours) {
  if (is_ours) {
    if (field.kind == ValueKind::key) return "libaudit wants -S or a path before a key";
    if (field.id == field::kLoginuidSet) return "libaudit does not know loginuid_set";
    return "";
  }
  if (list == List::filesystem) return "the kernel knows fstype and key there";
  if (op == Op::bit_mask || op == Op::bit_test) return "the kernel compares bits of numbers only";
  const bool is_order = op != Op::equal && op != Op::not_equal;
  if (is_order && !is_in(op, field.ops)) return "the kernel has no order of this field's values";
  const bool is_path = field.id == field::kPath || field.id == field::kDir;
  if (is_path && op == Op::not_equal) return "the kernel watches a path, or not";
  return "";
}

}  // namespace

TEST_CASE("our rules compile to the bytes that libaudit makes", "[ruleset][differential]") {
  if (!auditctl_knows_features()) {
    WARN("libaudit may not ask the kernel here: nothing is compared");
    return;
  }
  const auto files = list_rule_files(SORREL_TEST_DIR "/ruleset");
  REQUIRE(files);
  REQUIRE_FALSE((*files).empty());
  std::size_t rules = 0;
  for (const std::string& file : *files) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line[0] == '#') continue;
      check_line(line);
      ++rules;
    }
  }
  CHECK(rules >= 100);
}

TEST_CASE("every field, operator and list is taken or refused as libaudit does, but for known ones",
          "[ruleset][differential]") {
  if (!auditctl_knows_features()) {
    WARN("libaudit may not ask the kernel here: nothing is compared");
    return;
  }
  std::set<std::string> unexplained;
  std::set<std::string> reasons;
  for (const FieldInfo& field : all_fields()) {
    for (const Op op : kOps) {
      for (const List list : kLists) {
        const std::string line = "-a always," + std::string(list_name(list)) + " -F " +
                                 std::string(field.name) + std::string(op_symbol(op)) +
                                 sample_value(field);
        CompiledText ours = compile_text(line, target());
        const AuditctlAnswer theirs = auditctl_compile(line);
        const bool is_taken = ours.compiled.size() == 1;
        if (is_taken != (theirs.error == 0)) {
          const std::string reason = reason_of(field, op, list, is_taken);
          (reason.empty() ? unexplained : reasons).insert(reason.empty() ? line : reason);
        } else if (is_taken) {
          INFO(line);
          CHECK(shown(encode_rule(ours.compiled[0].rule)) == shown(theirs.bytes));
        }
      }
    }
  }
  CHECK(unexplained == std::set<std::string>{});
  CHECK(reasons.size() <= 10);
}

// What libaudit takes wrongly, or refuses for no reason of the kernel's. Others are no difference.
TEST_CASE("what libaudit mangles is read right or refused", "[ruleset][differential]") {
  if (!auditctl_knows_features()) {
    WARN("libaudit may not ask the kernel here: nothing is compared");
    return;
  }
  struct Row {
    std::string line;
    std::string theirs;  // what libaudit makes of it; empty: it refuses it
    std::string ours;    // the same of us, or a finding's id
  };
  const std::string rule = "-a always,exit -S all -F ";
  const std::vector<Row> rows = {
      {rule + "exit=EACCES", rule + "exit=13", rule + "exit=-EACCES"},
      {rule + "saddr_fam=inet", rule + "saddr_fam=0", rule + "saddr_fam=2"},
      {rule + "sessionid=foo", rule + "sessionid=0", "value-invalid"},
      {rule + "inode=8589934593", rule + "inode=1", "value-too-large"},
      {rule + "uid=4294967297", rule + "uid=1", "value-too-large"},
      {rule + "pid=12abc", rule + "pid=12", "value-invalid"},
      {rule + "a0=0x100000001", rule + "a0=0x1", "value-too-large"},
      {rule + "success=yes", "", rule + "success=1"},
      {rule + "dir=/opt/x>=1", "", rule + "dir=/opt/x>=1"},
      {"-a always,exit -F arch=b64 -S fchmodat,fchmodat2", "",
       "-a always,exit -F arch=b64 -S fchmodat,fchmodat2"},
  };
  for (const Row& row : rows) {
    CompiledText ours = compile_text(row.line, target());
    const AuditctlAnswer theirs = auditctl_compile(row.line);
    INFO(row.line << "\n" << ours.told());
    CHECK((theirs.error == 0 ? shown(theirs.bytes) : "") == row.theirs);
    if (!row.ours.starts_with("-")) {
      CHECK(ours.compiled.empty());
      CHECK(ours.told().ends_with("[" + row.ours + "]\n"));
    } else {
      REQUIRE(ours.compiled.size() == 1);
      CHECK(rule_text(ours.compiled[0].rule, target()) == row.ours);
    }
  }
}

}  // namespace sorrel::ruleset
