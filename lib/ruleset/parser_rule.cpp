#include "ruleset/parser_rule.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "ruleset/names.h"
#include "ruleset/rule_checks.h"
#include "ruleset/rule_parser.h"

namespace sorrel::ruleset {
namespace {

constexpr ListSet kListsWithCalls = list_bit(List::exit) | list_bit(List::io_uring);

}  // namespace

bool RuleParser::parse(const std::vector<Option>& options, Place place) {
  const std::size_t errors_before = findings_.errors();
  for (const Option& option : options) read(option);
  if (!has_list_ && findings_.errors() == errors_before) {
    findings_.error(place, {"list-missing", "the line adds no rule",
                            "begin it with -a LIST,ACTION or -w PATH"});
  }
  check_rule_text(rule_, place, findings_);
  if (findings_.errors() == errors_before) return true;
  check_call_names(rule_, findings_);
  return false;
}

void RuleParser::read(const Option& option) {
  switch (option.id) {
    case OptionId::append:
    case OptionId::prepend:
    case OptionId::remove:
      return read_list(option);
    case OptionId::watch:
    case OptionId::unwatch:
      return read_watch(option);
    case OptionId::calls:
      return read_calls(option);
    case OptionId::field:
      return read_field(option.value);
    case OptionId::comparison:
      return read_comparison(option.value);
    case OptionId::permission:
      return read_permission(option);
    case OptionId::key:
      rule_.keys.push_back(option.value);
      return;
    default:
      return;
  }
}

void RuleParser::begin(const Option& option, bool removes) {
  if (has_list_) {
    error(option.name.place, "rule-twice", option.name.text + " begins a second rule in this line",
          "give each rule its own line");
  }
  has_list_ = true;
  statement_.command = removes ? Command::remove_rule : Command::add_rule;
}

void RuleParser::read_list(const Option& option) {
  begin(option, option.id == OptionId::remove);
  rule_.prepend = option.id == OptionId::prepend;
  const std::string& text = option.value.text;
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos || text.find(',', comma + 1) != std::string::npos) {
    return error(option.value.place, "list-invalid",
                 quoted(text) + " is no list and action with a comma between them",
                 "write as -a always,exit");
  }
  std::string first = text.substr(0, comma);
  std::string second = text.substr(comma + 1);
  if (!find_list(first) && find_list(second)) std::swap(first, second);
  if (is_action(first)) std::swap(first, second);
  read_list_name(option.value.place, first);
  read_action(option.value.place, second);
}

bool RuleParser::is_action(std::string_view word) {
  return word == "always" || word == "never" || word == "possible";
}

void RuleParser::read_list_name(Place place, const std::string& name) {
  const std::optional<List> list = find_list(name);
  if (list) {
    rule_.list = *list;
  } else if (name == "entry") {
    error(place, "list-gone", "the kernel has no list 'entry' any more", "use exit");
  } else {
    error(place, "list-unknown", "there is no list " + quoted(name), "use " + list_names(0xff));
  }
}

void RuleParser::read_action(Place place, const std::string& name) {
  if (name == "always" || name == "never") {
    rule_.action = name == "always" ? Action::always : Action::never;
  } else if (name == "possible") {
    error(place, "action-gone",
          "the kernel has no action 'possible' any more: auditctl passes the rule over without a "
          "word",
          "use always or never, or remove the rule");
  } else {
    error(place, "action-unknown", "there is no action " + quoted(name), "use always or never");
  }
}

void RuleParser::read_watch(const Option& option) {
  begin(option, option.id == OptionId::unwatch);
  Word path = option.value;
  while (path.text.size() > 1 && path.text.ends_with('/')) {
    path.text.pop_back();
    rule_.watch_has_slash = true;
  }
  if (auto problem = path_problem(path.text))
    return findings_.error(path.place, *std::move(problem));
  const auto value = read_value(*find_field(field::kPath), Op::equal, path.text);
  tell_doubt(path.place, value);
  rule_.watch = std::move(path);
  if (rule_.fields.empty()) {
    rule_.fields.push_back(
        {find_field(field::kPerm), Op::equal, "rwxa", 15U, option.name.place, option.name.place});
  }
}

void RuleParser::read_permission(const Option& option) {
  if (rule_.fields.empty()) {
    return error(option.name.place, "permission-alone",
                 "-p stands before what it is about: auditctl refuses it here",
                 "put it behind -w, or behind -F path= or dir=");
  }
  const FieldInfo& info = *find_field(field::kPerm);
  auto value = read_value(info, Op::equal, option.value.text);
  if (Reason* const reason = std::get_if<Reason>(&value)) {
    return findings_.error(option.value.place, std::move(*reason));
  }
  const std::optional<std::uint32_t> number = std::get<FieldValue>(value).number;
  bool is_there = false;
  for (FieldText& one : rule_.fields) {
    if (one.info->id != field::kPerm) continue;
    one.value = option.value.text;
    one.number = number;
    one.value_place = option.value.place;
    is_there = true;
  }
  if (is_there) return;
  if ((info.lists & list_bit(rule_.list)) == 0) return refuse_field(info, option.name.place);
  rule_.fields.push_back(
      {&info, Op::equal, option.value.text, number, option.name.place, option.value.place});
}

void RuleParser::read_calls(const Option& option) {
  if (!may_follow_list(option.name)) return;
  if ((kListsWithCalls & list_bit(rule_.list)) == 0) {
    return error(option.name.place, "calls-not-here",
                 "the list " + std::string(list_name(rule_.list)) + " knows no system calls",
                 "remove -S");
  }
  for (std::size_t start = 0; start <= option.value.text.size();) {
    const std::size_t end = std::min(option.value.text.find(',', start), option.value.text.size());
    Word call = option.value.from(start);
    call.text.resize(end - start);
    if (call.text.empty()) {
      error(call.place, "call-missing", "there is no name between the commas",
            "remove one of them");
    } else {
      rule_.calls.push_back(std::move(call));
    }
    start = end + 1;
  }
}

bool RuleParser::may_follow_list(const Word& option) {
  if (rule_.watch) {
    error(option.place, "watch-mixed", "-w takes -p and -k only",
          "write the rule as -a always,exit -F path=" + rule_.watch->text);
    return false;
  }
  if (!has_list_) {
    error(option.place, "list-late", option.text + " stands before the list that it belongs to",
          "begin the line with -a, -A or -d");
    return false;
  }
  return true;
}

void RuleParser::tell_doubt(Place place, const std::variant<FieldValue, Reason>& value) {
  const FieldValue* const read = std::get_if<FieldValue>(&value);
  if (read != nullptr && read->doubt) findings_.warning(place, *read->doubt);
}

void RuleParser::error(Place place, std::string_view id, std::string why, std::string remedy) {
  findings_.error(place, {id, std::move(why), std::move(remedy)});
}

bool parse_rule(const std::vector<Option>& options, Place place, Statement& statement,
                Findings& findings) {
  return RuleParser(statement, findings).parse(options, place);
}

}  // namespace sorrel::ruleset
