#include "ruleset/wire.h"

#include <linux/audit.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include "base/check.h"
#include "ruleset/fields.h"

namespace sorrel::ruleset {
namespace {

constexpr std::size_t kHeaderSize = offsetof(audit_rule_data, buf);
constexpr std::size_t kNetlinkPadding = 3;
static_assert(kHeaderSize == 1040);
static_assert(Rule::kMaskWords == AUDIT_BITMASK_SIZE && Rule::kMaxFields == AUDIT_MAX_FIELDS);

Unexpected<Error> broken(std::string why) {
  return fail(std::errc::bad_message, "a rule from the kernel cannot be read: " + std::move(why));
}

std::optional<List> list_of(std::uint32_t flags) noexcept {
  const std::uint32_t number = flags & ~std::uint32_t{AUDIT_FILTER_PREPEND};
  if (number > 7) return std::nullopt;
  const auto list = static_cast<List>(number);
  if (list_name(list).empty()) return std::nullopt;
  return list;
}

}  // namespace

std::vector<std::byte> encode_rule(const Rule& rule) {
  SORREL_CHECK(rule.fields.size() <= Rule::kMaxFields, "a rule has too many fields");
  // The struct ends with an array of no size: it is laid into bytes, never into a variable.
  audit_rule_data header;
  std::memset(&header, 0, sizeof header);
  header.flags = static_cast<std::uint32_t>(rule.list);
  if (rule.prepend) header.flags |= AUDIT_FILTER_PREPEND;
  header.action = static_cast<std::uint32_t>(rule.action);
  header.field_count = static_cast<std::uint32_t>(rule.fields.size());
  std::memcpy(header.mask, rule.mask.data(), sizeof header.mask);
  std::string texts;
  for (std::size_t i = 0; i < rule.fields.size(); ++i) {
    const Field& field = rule.fields[i];
    header.fields[i] = field.id;
    header.fieldflags[i] = static_cast<std::uint32_t>(field.op);
    header.values[i] =
        has_text(field.id) ? static_cast<std::uint32_t>(field.text.size()) : field.value;
    if (has_text(field.id)) texts += field.text;
  }
  header.buflen = static_cast<std::uint32_t>(texts.size());
  std::vector<std::byte> bytes(kHeaderSize + texts.size());
  std::memcpy(bytes.data(), &header, kHeaderSize);
  if (!texts.empty()) std::memcpy(bytes.data() + kHeaderSize, texts.data(), texts.size());
  return bytes;
}

Result<Rule> decode_rule(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderSize)
    return broken("it has " + std::to_string(bytes.size()) + " bytes");
  audit_rule_data header;
  std::memcpy(&header, bytes.data(), kHeaderSize);
  std::span<const std::byte> texts = bytes.subspan(kHeaderSize);
  if (header.buflen > texts.size() || texts.size() - header.buflen > kNetlinkPadding) {
    return broken("its texts do not have the size it says");
  }
  texts = texts.first(header.buflen);
  const std::optional<List> list = list_of(header.flags);
  if (!list) return broken("there is no list " + std::to_string(header.flags));
  if (header.action != AUDIT_NEVER && header.action != AUDIT_ALWAYS) {
    return broken("there is no action " + std::to_string(header.action));
  }
  if (header.field_count > Rule::kMaxFields) return broken("it has too many fields");
  Rule rule{*list,
            (header.flags & AUDIT_FILTER_PREPEND) != 0,
            static_cast<Action>(header.action),
            {},
            {}};
  std::memcpy(rule.mask.data(), header.mask, sizeof header.mask);
  rule.fields.reserve(header.field_count);
  for (std::uint32_t i = 0; i < header.field_count; ++i) {
    Field field{header.fields[i], static_cast<Op>(header.fieldflags[i]), header.values[i], {}};
    if (op_symbol(field.op).empty())
      return broken("there is no operator " + std::to_string(header.fieldflags[i]));
    if (has_text(field.id)) {
      if (field.value > texts.size()) return broken("a text goes beyond its end");
      field.text.assign(reinterpret_cast<const char*>(texts.data()), field.value);
      texts = texts.subspan(field.value);
    }
    rule.fields.push_back(std::move(field));
  }
  if (!texts.empty()) return broken("it has texts that no field owns");
  return rule;
}

}  // namespace sorrel::ruleset
