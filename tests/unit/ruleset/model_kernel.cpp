#include "model_kernel.h"

#include <linux/audit.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "ruleset/rule_form.h"

namespace sorrel::ruleset {
namespace {

bool compare(std::uint32_t left, Op op, std::uint32_t right) {
  switch (op) {
    case Op::equal:
      return left == right;
    case Op::not_equal:
      return left != right;
    case Op::less:
      return left < right;
    case Op::greater:
      return left > right;
    case Op::less_or_equal:
      return left <= right;
    case Op::greater_or_equal:
      return left >= right;
    case Op::bit_mask:
      return (left & right) != 0;
    case Op::bit_test:
      return (left & right) == right;
  }
  return false;
}

bool field_matches(const Field& field, const ModelEvent& event) {
  switch (field.id) {
    case AUDIT_PID:
      return compare(event.pid, field.op, field.value);
    case AUDIT_UID:
      return compare(event.uid, field.op, field.value);
    case AUDIT_MSGTYPE:
      return compare(event.type, field.op, field.value);
    case AUDIT_FSTYPE:
      return compare(event.fstype, field.op, field.value);
    case AUDIT_WATCH:
      return event.path == field.text;
    case AUDIT_PERM:
      return !event.path.empty();
    default:
      return true;  // arch (there is one), key
  }
}

bool matches(const Rule& rule, const ModelEvent& event) {
  if (rule.list != event.list) return false;
  const bool has_mask = rule.list == List::exit || rule.list == List::io_uring;
  if (has_mask && (rule.mask[event.call / 32] >> (event.call % 32) & 1U) == 0) return false;
  return std::ranges::all_of(rule.fields,
                             [&](const Field& field) { return field_matches(field, event); });
}

std::string key_of(const Rule& rule) {
  const auto key = std::ranges::find(rule.fields, AUDIT_FILTERKEY, &Field::id);
  return key == rule.fields.end() ? "" : key->text;
}

}  // namespace

ModelEvent random_event(std::mt19937& random) {
  const auto pick = [&](std::uint32_t count) {
    return std::uniform_int_distribution<std::uint32_t>(0, count - 1)(random);
  };
  constexpr std::array kListsOfEvents = {List::exit,    List::exit, List::exit,
                                         List::exclude, List::user, List::task};
  ModelEvent event;
  event.list = kListsOfEvents[pick(kListsOfEvents.size())];
  event.call = pick(5);
  event.uid = pick(4);
  event.type = 1300 + pick(7);
  if (pick(2) == 0) event.path = std::string("/p") + static_cast<char>('a' + pick(5));
  return event;
}

std::string verdict(const std::vector<Rule>& rules, const ModelEvent& event) {
  for (const Rule& rule : rules) {
    if (!matches(rule, event)) continue;
    if (is_any_match(event.list)) return "dropped";
    return (rule.action == Action::always ? "always " : "never ") + key_of(rule);
  }
  return "";
}

Result<KernelState> ModelKernel::state() {
  return KernelState{.is_enabled = true, .is_locked = is_locked, .settings = settings};
}

Result<std::vector<Rule>> ModelKernel::list() {
  ++lists;
  std::vector<Rule> listed = rules;
  std::ranges::stable_sort(listed, {}, &Rule::list);
  return listed;
}

Status ModelKernel::add(const Rule& rule) {
  if (is_locked) return fail_errno(EPERM, "locked");
  if (refuse) {
    if (const int error_number = refuse(true, rule)) return fail_errno(error_number, "refused");
  }
  for (const Field& field : rule.fields) {
    if (missing_paths.contains(field.text)) return fail_errno(ENOENT, "no folder " + field.text);
  }
  Rule held = rule;
  held.prepend = false;
  const bool is_known = std::ranges::any_of(
      rules, [&](const Rule& other) { return exact_key(other) == exact_key(held); });
  if (is_known && !rule.prepend) return fail_errno(EEXIST, "identical");
  rules.insert(rule.prepend ? rules.begin() : rules.end(), held);
  ++adds;
  if (on_change) on_change();
  return Ok{};
}

Status ModelKernel::remove(const Rule& rule) {
  if (is_locked) return fail_errno(EPERM, "locked");
  if (rule.prepend) return fail_errno(ENOENT, "sent with the flag of the front");
  if (refuse) {
    if (const int error_number = refuse(false, rule)) return fail_errno(error_number, "refused");
  }
  const auto found = std::ranges::find_if(
      rules, [&](const Rule& other) { return exact_key(other) == exact_key(rule); });
  if (found == rules.end()) return fail_errno(ENOENT, "not loaded");
  rules.erase(found);
  ++removes;
  if (on_change) on_change();
  return Ok{};
}

Status ModelKernel::set(Setting setting, std::uint32_t value) {
  if (is_locked) return fail_errno(EPERM, "locked");
  if (refused_settings.contains(setting)) return fail_errno(EINVAL, "refused");
  settings[setting] = value;
  sets.push_back(setting);
  is_locked = setting == Setting::enabled && value == 2;
  return Ok{};
}

Status ModelKernel::act(const OneTimeActions& actions) {
  acts.push_back(actions);
  return Ok{};
}

}  // namespace sorrel::ruleset
