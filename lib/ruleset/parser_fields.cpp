#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ruleset/fields.h"
#include "ruleset/names.h"
#include "ruleset/rule_parser.h"

// What -F and -C of a rule say.
namespace sorrel::ruleset {
namespace {

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

}  // namespace

void RuleParser::read_field(const Word& pair) {
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

void RuleParser::refuse_field(const FieldInfo& info, Place place) {
  error(place, "field-not-here",
        std::string(info.name) + " is no field of the list " + std::string(list_name(rule_.list)),
        "use it with " + list_names(info.lists));
}

void RuleParser::refuse_name(const Word& pair, const std::string& name) {
  std::vector<std::string_view> names;
  for (const FieldInfo& info : all_fields()) names.push_back(info.name);
  const std::string_view nearest = nearest_name(name, names);
  error(pair.place, "field-unknown", "there is no field " + quoted(name),
        nearest.empty() ? "see auditctl(8) for those that there are"
                        : "did you mean " + quoted(nearest) + "?");
}

void RuleParser::add_field(const FieldInfo& info, Op op, Place op_place, Word value, Place place) {
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

void RuleParser::read_comparison(const Word& pair) {
  const std::size_t at = pair.text.find_first_of("!=<>&");
  const auto [op, size] = read_op(at == std::string::npos ? std::string_view{}
                                                          : std::string_view(pair.text).substr(at));
  if (size == 0 || !is_in(op, kOpsEquality)) {
    return error(pair.place, "comparison-invalid",
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

}  // namespace sorrel::ruleset
