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
    const KeyId id = at->bare.key_id;
    if (seen[id]) return count;
    ++count;
    if (id == kUnknownKey) return count;
    seen[id] = true;
  }
  return kMaxFields;
}

// Forgets what another type with the same slot has left there.
Parser::TypePredictions& Parser::prepare_slot(RecordType type) {
  std::unique_ptr<TypePredictions>& slot = predictions_[type % kTypeSlots];
  if (!slot) slot = std::make_unique<TypePredictions>();
  slot->after.fill(Prediction{});
  slot->type = type;
  slot->distinct_keys = 0;
  return *slot;
}

void Parser::mark_predicted(TypePredictions& slot, std::span<Field> fields) {
  if (fields.size() <= slot.distinct_keys) return;
  slot.distinct_keys = slot.type == type::kExecve ? kMaxFields : slot.count_distinct();
  if (fields.size() > slot.distinct_keys) mark_repeats(fields, repeat_table_);
}

// Goes on where the plain fields end; returns the end of all.
const Field* Parser::finish(TypePredictions& slot, const char* end, Origin origin, Field* first,
                            const PlainRun& run) {
  const BodyRest rest = parse_rest(slot.type, end, origin, slot.after.data(), first, run);
  const std::span<Field> found(first, rest.end);
  if (!rest.unpredicted) {
    mark_predicted(slot, found);
    return rest.end;
  }
  slot.distinct_keys = 0;
  if (slot.type != type::kExecve) mark_repeats(found, repeat_table_);
  return rest.end;
}

[[gnu::always_inline]] inline void Parser::parse_into(RecordType type, std::string_view body,
                                                      Origin origin, FieldList& fields) {
  TypePredictions* slot = predictions_[type % kTypeSlots].get();
  if (slot == nullptr || slot->type != type) [[unlikely]]
    slot = &prepare_slot(type);
  // Each field has at least one byte and a blank; one more for the rest beyond the limit.
  Field* const first = fields.reserve(std::min(body.size() / 2 + 2, kMaxFields + 2));
  const char* const end = body.data() + body.size();
  const PlainRun run = take_plain(body.data(), end, slot->after.data(), first, first + kMaxFields);
  if (run.p != end) [[unlikely]]
    return fields.set_end(finish(*slot, end, origin, first, run));
  fields.set_end(run.out);
  if (static_cast<std::size_t>(run.out - first) > slot->distinct_keys) [[unlikely]]
    mark_predicted(*slot, {first, run.out});
}

void Parser::parse_large(RecordType type, std::string_view body, Origin origin, FieldList& fields) {
  large_.clear();
  parse_into(type, body, origin, large_);
  Field* const first = fields.reserve(large_.size());
  std::memcpy(first, large_.data(), large_.size() * sizeof(Field));
  fields.set_end(first + large_.size());
}

void Parser::parse(RecordType type, std::string_view body, Origin origin, FieldList& fields) {
  // The room that a body may need is 16 times its size, and a large one has mostly large values.
  constexpr std::size_t kLargeBody = 1024;
  if (body.size() > kLargeBody) [[unlikely]]
    return parse_large(type, body, origin, fields);
  parse_into(type, body, origin, fields);
}

}  // namespace sorrel::record
