#include "ruleset/rule_facts.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "ruleset/fields.h"

namespace sorrel::ruleset {
namespace {

void append_number(std::uint32_t number, std::string& out) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

}  // namespace

const Field* find_in(const Rule& rule, std::uint32_t id) noexcept {
  const auto found = std::ranges::find(rule.fields, id, &Field::id);
  return found == rule.fields.end() ? nullptr : &*found;
}

std::uint32_t arch_of(const Rule& rule) noexcept {
  for (const Field& field : rule.fields) {
    if (field.id == field::kArch && field.op == Op::equal) return field.value;
  }
  return 0;
}

bool has_call(const CallMask& mask, std::uint32_t number) noexcept {
  return (mask[number / 32] >> (number % 32) & 1U) != 0;
}

bool contains(const CallMask& outer, const CallMask& inner) noexcept {
  for (std::size_t i = 0; i < outer.size(); ++i) {
    if ((inner[i] & ~outer[i]) != 0) return false;
  }
  return true;
}

bool overlaps(const CallMask& a, const CallMask& b) noexcept {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if ((a[i] & b[i]) != 0) return true;
  }
  return false;
}

bool has_all_calls(const Rule& rule) noexcept {
  // The last word names classes of calls; the kernel clears it.
  return std::all_of(rule.mask.begin(), rule.mask.end() - 1,
                     [](std::uint32_t word) { return word == 0xffffffff; });
}

std::ptrdiff_t narrowing_fields(const Rule& rule) noexcept {
  return std::ranges::count_if(rule.fields, [](const Field& field) {
    return field.id != field::kKey && field.id != field::kArch;
  });
}

bool is_argument(const Field& field) noexcept {
  return field.id >= field::kA0 && field.id <= field::kA3;
}

bool has_arguments(const Rule& rule) noexcept {
  return std::ranges::any_of(rule.fields, is_argument);
}

std::string condition_of(const Rule& rule, bool with_arch) {
  std::vector<const Field*> fields;
  for (const Field& field : rule.fields) {
    if (field.id != field::kKey && (field.id != field::kArch || with_arch))
      fields.push_back(&field);
  }
  std::ranges::sort(fields, {}, [](const Field* field) {
    return std::tie(field->id, field->op, field->value, field->text);
  });
  std::string text;
  append_number(static_cast<std::uint32_t>(rule.list), text);
  append_number(static_cast<std::uint32_t>(rule.action), text);
  for (const Field* const field : fields) {
    append_number(field->id, text);
    append_number(static_cast<std::uint32_t>(field->op), text);
    append_number(field->value, text);
    text += field->text;
  }
  return text;
}

}  // namespace sorrel::ruleset
