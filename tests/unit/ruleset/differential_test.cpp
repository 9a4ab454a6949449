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
    // libaudit before 3.1.3 watched all calls; perm_calls_test.cpp has the table.
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
  std::set<std::string> different;
  for (const FieldInfo& field : all_fields()) {
    for (const std::string op : {"=", "!=", "<", "<=", ">", ">=", "&", "&="}) {
      for (const std::string list : {"exit", "task", "user", "exclude", "filesystem"}) {
        const std::string line =
            "-a always," + list + " -F " + std::string(field.name) + op + sample_value(field);
        CompiledText ours = compile_text(line, target());
        const AuditctlAnswer theirs = auditctl_compile(line);
        const bool is_taken = ours.compiled.size() == 1;
        if (is_taken != (theirs.error == 0)) {
          different.insert(std::string(is_taken ? "ours " : "theirs ") + std::string(field.name) +
                           op + " " + list);
        } else if (is_taken) {
          INFO(line);
          CHECK(shown(encode_rule(ours.compiled[0].rule)) == shown(theirs.bytes));
        }
      }
    }
  }
  std::string all;
  for (const std::string& one : different) all += one + "\n";
  CHECK(all == "");
}

}  // namespace sorrel::ruleset
