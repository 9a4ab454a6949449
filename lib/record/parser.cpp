// The fast path is: predicted key, then a value that ends at the next blank or quote. Everything
// else (unknown keys, nested messages, braces, words, enriched fields) leaves it at a branch that
// the kernel's own records never take.

#include "record/parser.h"

#include <algorithm>
#include <cstring>

#include "record/repeats.h"
#include "record/scan.h"

namespace sorrel::record {
namespace {

constexpr char kEnrichedMark = '\x1d';  // audit-userspace, AUDIT_INTERP_SEPARATOR

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

struct PlainRun {
  const char* p;
  Field* out;
  Prediction* expected;
};

// Takes predicted keys with quoted or bare values, from `p` on, until something else comes. This
// loop is what the parser's time goes to. The kernel's values hold no blank (it would have written
// them in hex), so fields end at the blanks, which are found for 64 bytes at once: no field waits
// for the scan of the one before.
[[gnu::always_inline]] inline PlainRun take_plain(const char* p, const char* end,
                                                  Prediction* expected, Field* out,
                                                  const Field* limit) {
  while (p < end && *p == ' ') ++p;
  // A field has two bytes at least, so up to here the fields cannot become too many.
  const std::ptrdiff_t room = limit - out;
  const char* const safe_end = end - p > 2 * room ? p + 2 * room : end;
  const char* block = p;
  std::uint64_t blanks = blank_bits(block);
  while (p < safe_end) {
    if (!equal_masked(p, expected->text.data(), expected->mask)) break;
    // The sentinel ends the last value as a blank does.
    while (blanks == 0) blanks = blank_bits(block += kBlankBlock);
    const char* const stop = block + __builtin_ctzll(blanks);
    blanks &= blanks - 1;
    const char* value = p + expected->field.key_size + 1;
    if (*stop != ' ') break;
    if (*value > '\'') [[likely]] {
      if (*value == '{') break;
      *out = expected->field;
      out->value_size = static_cast<std::uint32_t>(stop - value);
    } else {
      if (*value != '"' || find_quote(++value) != stop - 1) break;
      *out = expected->field;
      out->form = Form::quoted;
      out->plain = expected->plain_quoted;
      out->value_size = static_cast<std::uint32_t>(stop - value - 1);
    }
    out->key_data = p;
    out->value_data = value;
    ++out;
    expected = expected->next;
    p = stop + 1;
  }
  return {p < end ? p : end, out, expected};
}

}  // namespace

// The parse of one body. Holds the position; the caller holds what outlives it.
class BodyParser {
 public:
  // Goes on where `run` stopped.
  BodyParser(RecordType type, const char* end, Origin origin, Prediction* after, Field* first,
             const PlainRun& run)
      : type_(type),
        p_(run.p),
        end_(end),
        stop_(end),
        may_be_enriched_(origin == Origin::text),
        previous_(static_cast<KeyId>(run.expected - after)),
        after_(after),
        first_(first),
        out_(run.out) {}

  // Returns true when something came that was not predicted.
  bool run() {
    while (take_other()) take_plain_fields();
    return unpredicted_;
  }
  Field* end() const { return out_; }

 private:
  void take_plain_fields() {
    if (inside_ || enriched_) return;
    const PlainRun run = take_plain(p_, end_, &after_[previous_], out_, first_ + kMaxFields);
    p_ = run.p;
    out_ = run.out;
    previous_ = static_cast<KeyId>(run.expected - after_);
  }

  // Takes one thing of any kind; false at the end.
  bool take_other() {
    while (p_ < stop_ && *p_ == ' ') ++p_;
    if (p_ >= stop_) return leave_nested();
    if (static_cast<std::size_t>(out_ - first_) >= kMaxFields) {
      take_rest_as_word();
      return false;
    }
    Field field{};
    field.key_data = p_;
    field.inside = inside_;
    field.enriched = enriched_;
    if (!find_any_key(field)) {
      take_word();
      return true;
    }
    previous_ = field.key_id;
    if (inside_) field.cls = class_in_message(field.key_id);
    Field& placed = *out_++ = field;
    take_value(placed, p_ + field.key_size + 1);
    return true;
  }

  // Reads "key=" at p_ and remembers it as the prediction. False when there is no such thing.
  bool find_any_key(Field& field) {
    unpredicted_ = true;
    const char* equals = p_;
    while (equals<stop_&& static_cast<unsigned char>(*equals)> ' ' && *equals != '=' &&
           *equals != '"' && *equals != '\'' && *equals != '{')
      ++equals;
    if (equals >= stop_ || *equals != '=' || equals == p_ || equals - p_ > 0xffff) return false;
    const std::string_view key(p_, static_cast<std::size_t>(equals - p_));
    field.key_size = static_cast<std::uint16_t>(key.size());
    field.key_id = find_key(key);
    field.cls = class_of(type_, field.key_id, key);
    remember(field);
    return true;
  }

  void remember(const Field& field) {
    Prediction& prediction = after_[previous_];
    if (field.key_size + 1u > prediction.text.size()) return;
    prediction.text = {};
    std::memcpy(prediction.text.data(), field.key_data, field.key_size + 1u);
    prediction.mask = (2u << field.key_size) - 1;
    prediction.field = field;
    prediction.next = &after_[field.key_id];
    prediction.field.inside = prediction.field.enriched = false;
    prediction.plain_quoted = field.key_id == kUnknownKey ? Plain::no : Plain::string;
    // The arguments of a call are gathered into an array: they are never shown in their place.
    const bool plain = field.key_id != kUnknownKey && !is_call_argument(field.key_id);
    prediction.field.plain = plain ? plain_bare(field.cls) : Plain::no;
  }

  static bool is_call_argument(KeyId id) { return id >= key::kA0 && id <= key::kA3; }

  static Plain plain_bare(FieldClass cls) {
    switch (cls) {
      case FieldClass::decimal:
        return Plain::decimal;
      case FieldClass::text:
        return Plain::word;
      case FieldClass::hex_number:
        return Plain::hex;
      case FieldClass::octal:
        return Plain::octal;
      default:
        return Plain::no;
    }
  }

  void take_value(Field& field, const char* value) {
    const char first = *value;
    if (first == '"' && value < stop_) {
      take_quoted(field, value + 1);
    } else if ((first == '\'' || first == '{') && value < stop_) {
      if (first == '{')
        take_braces(field, value);
      else
        take_nested(field, value);
    } else {
      take_bare(field, value);
    }
  }

  void take_bare(Field& field, const char* value) {
    const char* stop = find_blank(value);
    // A control byte that is no separator belongs to the value.
    while (stop < stop_ && *stop != ' ' && !is_enriched_mark(stop)) stop = find_blank(stop + 1);
    if (stop > stop_) stop = stop_;
    set_value(field, value, stop);
    field.form = Form::bare;
    p_ = stop;
    if (stop < stop_ && *stop != ' ') enter_enriched();
  }

  void take_quoted(Field& field, const char* value) {
    const char* quote = find_quote(value);
    field.form = Form::quoted;
    if (quote >= stop_) {
      field.unclosed = true;
      set_value(field, value, stop_);
      p_ = stop_;
      return;
    }
    const char* next = quote + 1;
    if (next < stop_ && *next != ' ') {
      if (!is_enriched_mark(next)) {
        take_bare(field, value - 1);  // "a"b: the quotes are part of a value that is not quoted
        return;
      }
      set_value(field, value, quote);
      p_ = next;
      enter_enriched();
      return;
    }
    set_value(field, value, quote);
    p_ = next;
  }

  // msg='...' runs to the last apostrophe of the record, since the text inside may hold more.
  void take_nested(Field& field, const char* apostrophe) {
    const char* limit = stop_;
    if (inside_ || enriched_) {
      take_bare(field, apostrophe);
      return;
    }
    // What auditd appends never ends with an apostrophe: there, a mark is one that the message's
    // author wrote.
    if (may_be_enriched_ && end_[-1] != '\'')
      if (const char* mark = last_enriched_mark(apostrophe)) limit = mark;
    const char* close = last_apostrophe(apostrophe + 1, limit);
    field.form = Form::nested;
    field.unclosed = close == nullptr;
    after_nested_ = field.unclosed ? limit : close + 1;
    if (field.unclosed) close = limit;
    set_value(field, apostrophe + 1, close);
    inside_ = true;
    stop_ = close;
    p_ = apostrophe + 1;
  }

  // The last apostrophe in [first, limit) that a blank or the limit follows.
  static const char* last_apostrophe(const char* first, const char* limit) {
    for (const char* p = limit; p-- > first;)
      if (*p == '\'' && (p + 1 == limit || p[1] == ' ')) return p;
    return nullptr;
  }

  // True when the end was only that of the nested message.
  bool leave_nested() {
    if (!inside_) return false;
    inside_ = false;
    stop_ = end_;
    p_ = after_nested_;
    if (p_ < end_ && is_enriched_mark(p_)) enter_enriched();
    return p_ < end_;
  }

  void take_braces(Field& field, const char* brace) {
    const char* close = brace + 1;
    while (close < stop_ && !(*close == '}' && (close + 1 == stop_ || close[1] <= ' '))) ++close;
    field.form = Form::braces;
    field.unclosed = close >= stop_;
    set_value(field, brace + 1, close);
    p_ = field.unclosed ? stop_ : close + 1;
    if (p_ < stop_ && is_enriched_mark(p_)) enter_enriched();
  }

  // A word: part of the bare value before it ("op=adding user to group"), or a field of its own.
  void take_word() {
    if (*p_ == '{') {
      Field& field = append_unkeyed();
      take_braces(field, p_);
      return;
    }
    if (is_enriched_mark(p_)) {
      enter_enriched();
      return;
    }
    const char* stop = p_;
    while (stop < stop_ && *stop != ' ' && !is_enriched_mark(stop)) ++stop;
    if (extends_previous_value()) {
      Field& previous = out_[-1];
      set_value(previous, previous.value_data, stop);
    } else {
      Field& field = append_unkeyed();
      field.form = Form::word;
      set_value(field, p_, stop);
    }
    p_ = stop;
  }

  bool extends_previous_value() const {
    if (out_ == first_) return false;
    const Field& previous = out_[-1];
    return previous.form == Form::bare && previous.inside == inside_ &&
           previous.enriched == enriched_ && previous.value_size != 0;
  }

  void take_rest_as_word() {
    inside_ = false;
    Field& field = append_unkeyed();
    field.form = Form::word;
    set_value(field, p_, end_);
    p_ = stop_ = end_;
  }

  Field& append_unkeyed() {
    Field& field = *out_++ = Field{};
    field.key_data = p_;
    field.inside = inside_;
    field.enriched = enriched_;
    return field;
  }

  bool is_enriched_mark(const char* p) const {
    return *p == kEnrichedMark && may_be_enriched_ && !enriched_ && !inside_ && p + 1 < end_ &&
           is_upper(p[1]);
  }

  const char* last_enriched_mark(const char* from) const {
    for (const char* p = end_ - 1; p > from; --p)
      if (is_enriched_mark(p)) return p;
    return nullptr;
  }

  void enter_enriched() {
    enriched_ = true;
    ++p_;
  }

  static void set_value(Field& field, const char* first, const char* last) {
    field.value_data = first;
    field.value_size = static_cast<std::uint32_t>(last - first);
  }

  const RecordType type_;
  const char* p_;
  const char* const end_;
  const char* stop_;  // the end of what is being parsed: of the body, or of the nested message
  const char* after_nested_ = nullptr;
  const bool may_be_enriched_;
  bool inside_ = false;
  bool enriched_ = false;
  bool unpredicted_ = false;
  KeyId previous_;
  Prediction* const after_;
  Field* const first_;
  Field* out_;
};

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

void Parser::parse_into(RecordType type, std::string_view body, Origin origin, FieldList& fields) {
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
  BodyParser parser(type, end, origin, after, first, run);
  const bool unpredicted = parser.run();
  fields.set_end(parser.end());
  const std::span<Field> found(first, parser.end());
  if (!unpredicted) return mark_predicted(*slot, found);
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

std::string rebuild_body(const Field* first, const Field* last, std::string_view body) {
  std::string text;
  const char* at = body.data();
  const char* nested_end = nullptr;
  const auto gap_to = [&](const char* next) {
    // The apostrophe is not given twice when the rest beyond kMaxFields holds it.
    if (nested_end != nullptr && next > nested_end) {
      if (at <= nested_end) {
        text.append(at, nested_end);
        text += '\'';
        at = nested_end + 1;
      }
      nested_end = nullptr;
    }
    text.append(at, next);
  };
  for (const Field* field = first; field != last; ++field) {
    gap_to(field->key_data);
    if (field->key_size != 0) text.append(field->key()) += '=';
    const char* value_end = field->value_data + field->value_size;
    switch (field->form) {
      case Form::nested:
        text += '\'';
        at = field->value_data;
        if (!field->unclosed) nested_end = value_end;
        continue;
      case Form::quoted:
        (text += '"').append(field->value());
        if (!field->unclosed) text += '"';
        break;
      case Form::braces:
        (text += '{').append(field->value());
        if (!field->unclosed) text += '}';
        break;
      case Form::bare:
      case Form::word:
        text.append(field->value());
        break;
    }
    const bool closed =
        (field->form == Form::quoted || field->form == Form::braces) && !field->unclosed;
    at = value_end + (closed ? 1 : 0);
  }
  gap_to(body.data() + body.size());
  return text;
}

}  // namespace sorrel::record
