#include "record/parser.h"

#include <algorithm>
#include <cstring>

#include "record/body_parser.h"
#include "record/plain_run.h"
#include "record/repeats.h"

namespace sorrel::record {

Parser::Parser() = default;

// Predictions are one chain of keys, from the beginning of a record on: a record that follows it
// whole has a key twice only where the chain does. An unknown key leads back to the beginning.
std::size_t Parser::TypePredictions::count_distinct() const noexcept {
  std::array<bool, kKeyCount + 1> seen{};
  std::size_t count = 0;
  for (const Prediction* at = after.data(); at->next != nullptr; at = at->next) {
    const KeyId id = at->field.key_id;
    if (seen[id]) return count;
    ++count;
    if (id == kUnknownKey) return count;
    seen[id] = true;
  }
  return kMaxFields;
}

[[gnu::always_inline]] inline void Parser::parse_into(RecordType type, std::string_view body,
                                                      Origin origin, FieldList& fields) {
  std::unique_ptr<TypePredictions>& slot = predictions_[type % kTypeSlots];
  if (!slot) slot = std::make_unique<TypePredictions>();
  if (slot->type != type) {
    slot->after.fill(Prediction{});
    slot->type = type;
    slot->distinct_keys = 0;
  }
  // Each field has at least one byte and a blank; one more for the rest beyond the limit.
  Field* const first = fields.reserve(std::min(body.size() / 2 + 2, kMaxFields + 2));
  Prediction* const after = slot->after.data();
  const char* const end = body.data() + body.size();
  const PlainRun run = take_plain(body.data(), end, after, first, first + kMaxFields);
  if (run.p == end) [[likely]] {
    fields.set_end(run.out);
    if (static_cast<std::size_t>(run.out - first) > slot->distinct_keys) [[unlikely]]
      mark_predicted(*slot, {first, run.out});
    return;
  }
  const BodyRest rest = parse_rest(type, end, origin, after, first, run);
  fields.set_end(rest.end);
  const std::span<Field> found(first, rest.end);
  if (!rest.unpredicted) return mark_predicted(*slot, found);
  slot->distinct_keys = 0;
  if (type != type::kExecve) mark_repeats(found, repeat_table_);
}

void Parser::mark_predicted(TypePredictions& slot, std::span<Field> fields) {
  if (fields.size() <= slot.distinct_keys) return;
  slot.distinct_keys = slot.type == type::kExecve ? kMaxFields : slot.count_distinct();
  if (fields.size() > slot.distinct_keys) mark_repeats(fields, repeat_table_);
}

void Parser::parse(RecordType type, std::string_view body, Origin origin, FieldList& fields) {
  // The room that a body may need is 16 times its size, and a large one has mostly large values.
  constexpr std::size_t kLargeBody = 1024;
  if (body.size() <= kLargeBody) [[likely]]
    return parse_into(type, body, origin, fields);
  large_.clear();
  parse_into(type, body, origin, large_);
  Field* const first = fields.reserve(large_.size());
  std::memcpy(first, large_.data(), large_.size() * sizeof(Field));
  fields.set_end(first + large_.size());
}

}  // namespace sorrel::record
