#include "ruleset/parser_rule.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ruleset/field_value.h"
#include "ruleset/names.h"
#include "ruleset/rule_checks.h"

namespace sorrel::ruleset {
namespace {

constexpr ListSet kListsWithCalls = list_bit(List::exit) | list_bit(List::io_uring);

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

// The operator at the begin of `text`, longest first; its size is 0 when there is none.
std::pair<Op, std::size_t> read_op(std::string_view text) noexcept {
  constexpr Op kLongestFirst[] = {
      Op::not_equal, Op::greater_or_equal, Op::less_or_equal, Op::bit_test,
      Op::equal,     Op::greater,          Op::less,          Op::bit_mask};
  for (const Op op : kLongestFirst) {
    if (text.starts_with(op_symbol(op))) return {op, op_symbol(op).size()};
  }
  return {Op::equal, 0};
}

class RuleParser {
 public:
  RuleParser(Statement& statement, Findings& findings)
      : statement_(statement), rule_(statement.rule), findings_(findings) {}

  bool parse(const std::vector<Option>& options, Place place) {
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

 private:
  void read(const Option& option) {
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

  void begin(const Option& option, bool removes) {
    if (has_list_) {
      error(option.name.place, "rule-twice",
            option.name.text + " begins a second rule in this line", "give each rule its own line");
    }
    has_list_ = true;
    statement_.command = removes ? Command::remove_rule : Command::add_rule;
  }

  void read_list(const Option& option) {
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

  static bool is_action(std::string_view word) {
    return word == "always" || word == "never" || word == "possible";
  }

  void read_list_name(Place place, const std::string& name) {
    const std::optional<List> list = find_list(name);
    if (list) {
      rule_.list = *list;
    } else if (name == "entry") {
      error(place, "list-gone", "the kernel has no list 'entry' any more", "use exit");
    } else {
      error(place, "list-unknown", "there is no list " + quoted(name), "use " + list_names(0xff));
    }
  }

  void read_action(Place place, const std::string& name) {
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

  void read_watch(const Option& option) {
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

  void read_permission(const Option& option) {
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

  void read_calls(const Option& option) {
    if (!may_follow_list(option.name)) return;
    if ((kListsWithCalls & list_bit(rule_.list)) == 0) {
      return error(option.name.place, "calls-not-here",
                   "the list " + std::string(list_name(rule_.list)) + " knows no system calls",
                   "remove -S");
    }
    for (std::size_t start = 0; start <= option.value.text.size();) {
      const std::size_t end =
          std::min(option.value.text.find(',', start), option.value.text.size());
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

  void read_field(const Word& pair) {
    std::size_t size = 0;
    while (size < pair.text.size() &&
           std::string_view("!=<>&").find(pair.text[size]) == std::string_view::npos)
      ++size;
    const std::string name = pair.text.substr(0, size);
    const auto [op, op_size] = read_op(std::string_view(pair.text).substr(size));
    if (op_size == 0) {
      return error(pair.place, "field-invalid", quoted(pair.text) + " has no operator",
                   "write as -F auid>=1000");
    }
    if (pair.text[0] == '-')
      return error(pair.place, "field-invalid", quoted(pair.text) + " is an option",
                   "give -F a field");
    const FieldInfo* const info = find_field(name);
    if (info == nullptr) return refuse_name(pair, name);
    Word value = pair.from(size + op_size);
    if (info->kind == ValueKind::key && op == Op::equal) {
      if (!may_follow_list({"-F", pair.place})) return;
      rule_.keys.push_back(std::move(value));
      return;
    }
    add_field(*info, op, pair.place_of(size), std::move(value), pair.place);
  }

  void refuse_field(const FieldInfo& info, Place place) {
    error(place, "field-not-here",
          std::string(info.name) + " is no field of the list " + std::string(list_name(rule_.list)),
          "use it with " + list_names(info.lists));
  }

  void refuse_name(const Word& pair, const std::string& name) {
    std::vector<std::string_view> names;
    for (const FieldInfo& info : all_fields()) names.push_back(info.name);
    const std::string_view nearest = nearest_name(name, names);
    error(pair.place, "field-unknown", "there is no field " + quoted(name),
          nearest.empty() ? "see auditctl(8) for those that there are"
                          : "did you mean " + quoted(nearest) + "?");
  }

  void add_field(const FieldInfo& info, Op op, Place op_place, Word value, Place place) {
    if (!may_follow_list({"-F", place})) return;
    if (has_list_ && (info.lists & list_bit(rule_.list)) == 0) refuse_field(info, place);
    if (!is_in(op, info.ops)) {
      return error(op_place, "operator-invalid",
                   std::string(info.name) + " cannot be compared by " + std::string(op_symbol(op)),
                   "use " + op_names(info.ops));
    }
    if (info.kind == ValueKind::arch && !rule_.calls.empty()) {
      error(place, "arch-late",
            "arch decides what the numbers of the system calls are, and -S stands before it",
            "put -F arch= before -S");
    }
    auto read = read_value(info, op, value.text);
    if (Reason* const reason = std::get_if<Reason>(&read)) {
      return findings_.error(value.place, std::move(*reason));
    }
    tell_doubt(value.place, read);
    rule_.fields.push_back(
        {&info, op, std::move(value.text), std::get<FieldValue>(read).number, place, value.place});
  }

  void read_comparison(const Word& pair) {
    const std::size_t at = pair.text.find_first_of("!=<>&");
    const auto [op, size] = read_op(
        at == std::string::npos ? std::string_view{} : std::string_view(pair.text).substr(at));
    if (size == 0 || !is_in(op, kOpsEquality)) {
      return error(
          pair.place, "comparison-invalid",
          quoted(pair.text) + " compares no two fields by = or !=", "write as -C uid!=euid");
    }
    const std::string left = pair.text.substr(0, at);
    const std::string right = pair.text.substr(at + size);
    const std::optional<std::uint32_t> number = find_comparison(left, right);
    if (!number) {
      return error(pair.place, "comparison-unknown",
                   "the kernel does not compare " + quoted(left) + " with " + quoted(right),
                   "compare two of uid, euid, suid, fsuid, auid, obj_uid, or two of gid, egid, "
                   "sgid, fsgid, obj_gid");
    }
    if (!may_follow_list({"-C", pair.place})) return;
    if ((find_field(field::kFieldCompare)->lists & list_bit(rule_.list)) == 0) {
      return error(pair.place, "field-not-here",
                   "-C is not for the list " + std::string(list_name(rule_.list)),
                   "use it with " + list_names(find_field(field::kFieldCompare)->lists));
    }
    rule_.fields.push_back(
        {find_field(field::kFieldCompare), op, pair.text, number, pair.place, pair.place});
  }

  // -S, -F and -C take their meaning from the list before them.
  bool may_follow_list(const Word& option) {
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

  void tell_doubt(Place place, const std::variant<FieldValue, Reason>& value) {
    const FieldValue* const read = std::get_if<FieldValue>(&value);
    if (read != nullptr && read->doubt) findings_.warning(place, *read->doubt);
  }

  void error(Place place, std::string_view id, std::string why, std::string remedy) {
    findings_.error(place, {id, std::move(why), std::move(remedy)});
  }

  Statement& statement_;
  RuleText& rule_;
  Findings& findings_;
  bool has_list_ = false;
};

}  // namespace

bool parse_rule(const std::vector<Option>& options, Place place, Statement& statement,
                Findings& findings) {
  return RuleParser(statement, findings).parse(options, place);
}

}  // namespace sorrel::ruleset
