#include "record/body_parser.h"

#include <cstring>

#include "record/scan.h"

namespace sorrel::record {
namespace {

constexpr char kEnrichedMark = '\x1d';  // audit-userspace, AUDIT_INTERP_SEPARATOR

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

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
    prediction.next = &after_[field.key_id];
    FieldShape& bare = prediction.bare = field;
    bare.inside = bare.enriched = false;
    FieldShape& quoted = prediction.quoted = bare;
    quoted.form = Form::quoted;
    const bool known = field.key_id != kUnknownKey && field.key_size <= kMaxPlainKey;
    quoted.plain = known ? Plain::string : Plain::no;
    // The arguments of a call are gathered into an array: they are never shown in their place.
    bare.plain = known && !is_call_argument(field.key_id) ? plain_bare(field.cls) : Plain::no;
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

}  // namespace

BodyRest parse_rest(RecordType type, const char* end, Origin origin, Prediction* after,
                    Field* first, const PlainRun& run) {
  BodyParser parser(type, end, origin, after, first, run);
  const bool unpredicted = parser.run();
  return {parser.end(), unpredicted};
}

}  // namespace sorrel::record
