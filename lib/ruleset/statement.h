#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ruleset/conditions.h"
#include "ruleset/fields.h"
#include "ruleset/lexer.h"
#include "ruleset/rule.h"

// What a rules file says, checked as far as it can be without knowing the host.
namespace sorrel::ruleset {

enum class Command : std::uint8_t {
  add_rule,            // -a, -A, -w
  remove_rule,         // -d, -W
  delete_all,          // -D, with keys: those that have one of them
  enabled,             // -e
  failure,             // -f
  rate_limit,          // -r
  backlog_limit,       // -b
  backlog_wait_time,   // --backlog_wait_time
  loginuid_immutable,  // --loginuid-immutable
  reset_lost,
  reset_wait_time_actual,
  equivalent,     // -q
  trim,           // -t
  ignore_errors,  // -i
  go_on,          // -c
};

// One -F or -C.
struct FieldText {
  const FieldInfo* info = nullptr;
  Op op = Op::equal;
  std::string value;
  std::optional<std::uint32_t> number;  // when it needs no target
  Place place;
  Place value_place;
};

// A rule, in either form. -w PATH is a rule whose `watch` is PATH, without the slashes at its end;
// its only field is perm.
struct RuleText {
  List list = List::exit;
  bool prepend = false;
  Action action = Action::always;
  std::optional<Word> watch;
  bool watch_has_slash = false;  // at its end: the writer takes it for a folder
  std::vector<Word> calls;       // of -S, one by one
  std::vector<FieldText> fields;
  std::vector<Word> keys;
};

struct Statement {
  Command command = Command::add_rule;
  Place place;
  std::vector<Condition> conditions;  // all must hold
  std::vector<std::string> each;      // users; the rule is repeated for each of them
  RuleText rule;                      // of add_rule and remove_rule
  std::uint32_t number = 0;           // of settings
  std::vector<Word> words;            // keys of delete_all, the two paths of equivalent
};

// What was read of one or more files.
struct Script {
  std::vector<std::string> files;  // their names, by Place::file
  std::vector<Statement> statements;
};

}  // namespace sorrel::ruleset
