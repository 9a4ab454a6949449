#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ruleset/field_value.h"
#include "ruleset/finding.h"
#include "ruleset/options.h"
#include "ruleset/statement.h"

namespace sorrel::ruleset {

// The reader behind parse_rule(). parser_fields.cpp has what -F and -C say, parser_rule.cpp the
// rest.
class RuleParser {
 public:
  RuleParser(Statement& statement, Findings& findings)
      : statement_(statement), rule_(statement.rule), findings_(findings) {}

  // Tells all that is wrong; false when anything is.
  bool parse(const std::vector<Option>& options, Place place);

 private:
  // parser_rule.cpp
  void read(const Option& option);
  void begin(const Option& option, bool removes);
  void read_list(const Option& option);
  static bool is_action(std::string_view word);
  void read_list_name(Place place, const std::string& name);
  void read_action(Place place, const std::string& name);
  void read_watch(const Option& option);
  void read_permission(const Option& option);
  void read_calls(const Option& option);

  // -S, -F and -C take their meaning from the list before them.
  bool may_follow_list(const Word& option);
  void tell_doubt(Place place, const std::variant<FieldValue, Reason>& value);
  void error(Place place, std::string_view id, std::string why, std::string remedy);

  // parser_fields.cpp
  void read_field(const Word& pair);
  void refuse_field(const FieldInfo& info, Place place);
  void refuse_name(const Word& pair, const std::string& name);
  void add_field(const FieldInfo& info, Op op, Place op_place, Word value, Place place);
  void read_comparison(const Word& pair);

  Statement& statement_;
  RuleText& rule_;
  Findings& findings_;
  bool has_list_ = false;
};

inline std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

}  // namespace sorrel::ruleset
