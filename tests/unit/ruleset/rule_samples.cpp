#include "rule_samples.h"

#include <linux/audit.h>

#include <algorithm>
#include <utility>

namespace sorrel::ruleset {
namespace {

Field number(std::uint32_t id, std::uint32_t value, Op op = Op::equal) {
  return {.id = id, .op = op, .value = value};
}

Field text(std::uint32_t id, const std::string& value) {
  return {.id = id, .value = static_cast<std::uint32_t>(value.size()), .text = value};
}

void set_call(Rule& rule, unsigned call) {
  rule.mask[call / 32] |= 1U << (call % 32);
}

std::uint32_t pick(std::mt19937& random, std::uint32_t count) {
  return std::uniform_int_distribution<std::uint32_t>(0, count - 1)(random);
}

std::string random_key(std::mt19937& random) {
  return std::string("k") + static_cast<char>('a' + pick(random, 3));
}

}  // namespace

Rule call_rule(std::initializer_list<unsigned> calls, std::uint32_t uid, const std::string& key) {
  Rule rule;
  for (const unsigned call : calls) set_call(rule, call);
  rule.fields = {number(AUDIT_ARCH, kArch64), number(AUDIT_UID, uid), text(AUDIT_FILTERKEY, key)};
  return rule;
}

Rule bare_rule(unsigned call, const std::string& key) {
  Rule rule;
  set_call(rule, call);
  rule.fields = {text(AUDIT_FILTERKEY, key)};
  return rule;
}

Rule watch_rule(const std::string& path, const std::string& key) {
  Rule rule;
  rule.mask.fill(0xffffffff);
  rule.fields = {text(AUDIT_WATCH, path), number(AUDIT_PERM, AUDIT_PERM_WRITE | AUDIT_PERM_ATTR),
                 text(AUDIT_FILTERKEY, key)};
  return rule;
}

Rule exclude_rule(std::uint32_t type) {
  Rule rule{.list = List::exclude, .action = Action::never};
  rule.mask.fill(0xffffffff);
  rule.fields = {number(AUDIT_MSGTYPE, type)};
  return rule;
}

Rule filesystem_rule(std::uint32_t type) {
  Rule rule{.list = List::filesystem, .action = Action::never};
  rule.mask.fill(0xffffffff);
  rule.fields = {number(AUDIT_FSTYPE, type)};
  return rule;
}

Rule random_rule(std::mt19937& random) {
  Rule rule;
  switch (pick(random, 8)) {
    case 0:
      return exclude_rule(1300 + pick(random, 6));
    case 1:
      rule = watch_rule(std::string("/p") + static_cast<char>('a' + pick(random, 4)),
                        random_key(random));
      break;
    case 2:
      rule = bare_rule(pick(random, 4), random_key(random));
      break;
    case 3:
      rule.list = pick(random, 2) == 0 ? List::user : List::task;
      rule.fields = {number(AUDIT_UID, pick(random, 3), Op::greater_or_equal)};
      rule.mask.fill(0xffffffff);
      break;
    default:
      rule = call_rule({pick(random, 4), pick(random, 4)}, pick(random, 3), random_key(random));
      if (pick(random, 3) == 0) rule.fields[1].op = Op::greater_or_equal;
      break;
  }
  if (pick(random, 3) == 0) rule.action = Action::never;
  return rule;
}

std::vector<Rule> random_rules(std::mt19937& random, std::size_t count) {
  std::vector<Rule> rules;
  for (std::size_t n = 0; n < count; ++n) {
    rules.push_back(random_rule(random));
    rules.back().prepend = pick(random, 10) == 0;
  }
  return rules;
}

std::vector<Rule> edited(std::mt19937& random, std::vector<Rule> rules) {
  const std::uint32_t edits = pick(random, 6);
  for (std::uint32_t edit = 0; edit < edits; ++edit) {
    const auto at =
        static_cast<std::ptrdiff_t>(pick(random, static_cast<std::uint32_t>(rules.size()) + 1));
    const bool is_end = at == static_cast<std::ptrdiff_t>(rules.size());
    switch (pick(random, 4)) {
      case 0:
        rules.insert(rules.begin() + at, random_rule(random));
        break;
      case 1:
        if (!is_end) rules.erase(rules.begin() + at);
        break;
      case 2:
        if (!is_end) std::rotate(rules.begin(), rules.begin() + at, rules.end());
        break;
      default:
        if (!is_end) std::swap(rules[static_cast<std::size_t>(at)], rules.front());
        break;
    }
  }
  return rules;
}

}  // namespace sorrel::ruleset
