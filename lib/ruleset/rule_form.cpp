#include "ruleset/rule_form.h"

#include <linux/audit.h>

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>
#include <vector>

namespace sorrel::ruleset {
namespace {

// The last 16 bits of the mask name classes of system calls. The kernel puts a class's calls in
// their place and clears them, so a rule on all calls comes back without them.
constexpr std::uint32_t kClassBits = 0xffff0000;

void append_number(std::string& out, std::uint32_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof bytes);
}

void append_head(std::string& out, const Rule& rule) {
  out += static_cast<char>(rule.list);
  out += static_cast<char>(rule.action);
  const std::size_t at = out.size();
  out.resize(at + sizeof rule.mask);
  std::memcpy(out.data() + at, rule.mask.data(), sizeof rule.mask);
  const std::uint32_t last = rule.mask.back() & ~kClassBits;
  std::memcpy(out.data() + out.size() - sizeof last, &last, sizeof last);
}

void append_field(std::string& out, const Field& field) {
  append_number(out, field.id);
  append_number(out, static_cast<std::uint32_t>(field.op));
  // The value of a text is its size, which a rule in the making may not have yet.
  append_number(out,
                field.text.empty() ? field.value : static_cast<std::uint32_t>(field.text.size()));
  out += field.text;
}

bool is_always_true(const Field& field) {
  return field.id == AUDIT_PID && field.op == Op::greater_or_equal && field.value == 0;
}

Field always_true() {
  return {.id = AUDIT_PID, .op = Op::greater_or_equal, .value = 0};
}

std::vector<Field>::iterator find(std::vector<Field>& fields, std::uint32_t id) {
  return std::ranges::find(fields, id, &Field::id);
}

// `-F arch=b64 -F arch=b64`: one comparison of two numbers more.
std::optional<Rule> with_repeated(Rule rule, std::uint32_t id) {
  const auto field = find(rule.fields, id);
  if (field == rule.fields.end() || rule.fields.size() >= Rule::kMaxFields) return std::nullopt;
  rule.fields.insert(field, Field(*field));
  return rule;
}

// A watch is path, then perm. The other way round costs a little more on system calls that do not
// touch the path.
std::optional<Rule> with_perm_first(Rule rule) {
  const auto perm = find(rule.fields, AUDIT_PERM);
  auto path = find(rule.fields, AUDIT_WATCH);
  if (path == rule.fields.end()) path = find(rule.fields, AUDIT_DIR);
  if (perm == rule.fields.end() || path == rule.fields.end() || perm < path) return std::nullopt;
  std::rotate(path, perm, perm + 1);
  return rule;
}

// Filler that the rule's list takes: on `filesystem` only fstype and the key are.
std::optional<Rule> with_filler(Rule rule, std::size_t count) {
  if (rule.fields.size() + count > Rule::kMaxFields) return std::nullopt;
  Field filler = always_true();
  if (rule.list == List::filesystem) {
    const auto type = find(rule.fields, AUDIT_FSTYPE);
    if (type == rule.fields.end()) return std::nullopt;
    filler = *type;
  }
  rule.fields.insert(rule.fields.end(), count, filler);
  return rule;
}

}  // namespace

std::string exact_key(const Rule& rule) {
  std::string key;
  key.reserve(384);
  append_head(key, rule);
  for (const Field& field : rule.fields) append_field(key, field);
  return key;
}

bool is_identical(const Rule& a, const Rule& b) noexcept {
  const auto is_same = [](const Field& left, const Field& right) {
    return left.id == right.id && left.op == right.op && left.text == right.text &&
           (left.value == right.value || !left.text.empty());
  };
  return a.list == b.list && a.action == b.action &&
         std::equal(a.mask.begin(), a.mask.end() - 1, b.mask.begin()) &&
         ((a.mask.back() ^ b.mask.back()) & ~kClassBits) == 0 &&
         std::ranges::equal(a.fields, b.fields, is_same);
}

std::string meaning_key(const Rule& rule) {
  std::vector<const Field*> fields;
  fields.reserve(rule.fields.size());
  for (const Field& field : rule.fields) {
    if (!is_always_true(field)) fields.push_back(&field);
  }
  const auto parts = [](const Field* field) {
    return std::tie(field->id, field->op, field->value, field->text);
  };
  std::ranges::sort(fields, {}, parts);
  const auto is_repeated = [&](const auto& a, const auto& b) { return parts(a) == parts(b); };
  fields.erase(std::unique(fields.begin(), fields.end(), is_repeated), fields.end());
  std::string key;
  key.reserve(384);
  append_head(key, rule);
  for (const Field* const field : fields) append_field(key, *field);
  return key;
}

std::optional<Rule> free_form(const Rule& rule, bool twins_only,
                              const std::function<bool(const Rule&)>& is_free) {
  if (!twins_only && is_free(rule)) return rule;
  std::optional<Rule> form = with_repeated(rule, AUDIT_ARCH);
  if (form && is_free(*form)) return form;
  form = with_perm_first(rule);
  if (form && is_free(*form)) return form;
  for (std::size_t count = 1; count < Rule::kMaxFields; ++count) {
    form = with_filler(rule, count);
    if (!form) break;
    if (is_free(*form)) return form;
  }
  // A rule of 64 fields has no room; another order of them has to do.
  Rule turned = rule;
  for (std::size_t turn = 1; turn < rule.fields.size(); ++turn) {
    std::rotate(turned.fields.begin(), turned.fields.begin() + 1, turned.fields.end());
    if (is_free(turned)) return turned;
  }
  return std::nullopt;
}

}  // namespace sorrel::ruleset
