#include "encode/argv_json.h"

#include <cstring>

#include "base/hex.h"
#include "encode/digits.h"
#include "encode/record_json.h"
#include "encode/value_json.h"
#include "record/argument_key.h"

namespace sorrel::encode {
namespace {

using event::Event;
using event::Record;
using record::ArgumentKey;
using record::Field;
using record::FieldClass;
namespace key = record::key;

// Goes through the fields of all EXECVE records of an event, in order.
class ExecveFields {
 public:
  ExecveFields(const Event& event, const Record& first)
      : event_(event), record_(&first), fields_(event.fields(first)) {}

  // The next field, or null at the end. Valid as long as the event.
  const Field* peek() {
    while (at_ == fields_.size()) {
      if (record_->next_same_type == Record::kNone) return nullptr;
      record_ = &event_.records()[record_->next_same_type];
      fields_ = event_.fields(*record_);
      at_ = 0;
    }
    return &fields_[at_];
  }
  void skip() { ++at_; }

 private:
  const Event& event_;
  const Record* record_;
  std::span<const Field> fields_;
  std::size_t at_ = 0;
};

bool is_argument(const Field& field) {
  return field.cls == FieldClass::argument || field.cls == FieldClass::argument_length;
}

// The next field that is a part, or the length, of the argument; null behind the last.
const Field* next_part(ExecveFields& fields, const ArgumentKey& argument) {
  const Field* part = fields.peek();
  if (part == nullptr || !is_argument(*part)) return nullptr;
  const ArgumentKey of_part = record::parse_argument_key(part->key());
  const bool belongs = of_part.index == argument.index && of_part.kind != ArgumentKey::Kind::whole;
  return belongs ? part : nullptr;
}

std::size_t size_of_parts(ExecveFields fields, const ArgumentKey& argument) {
  std::size_t size = 0;
  for (; const Field* part = next_part(fields, argument); fields.skip())
    if (part->cls == FieldClass::argument) size += part->value_size;
  return size;
}

// Appends the bytes that a part stands for; returns the end.
char* decode_part(const Field& part, char* out) {
  if (part.form == record::Form::bare) {
    const std::size_t size = decode_hex_to(part.value(), out);
    if (size != SIZE_MAX) return out + size;
  }
  std::memcpy(out, part.value_data, part.value_size);
  return out + part.value_size;
}

// Writes one argument's bytes as the inside of a string and skips its fields. One that the kernel
// split is put together before it is escaped: a cut may go through a UTF-8 character. Its bytes are
// gathered behind the farthest place that their escaped form can reach.
void put_argument(JsonWriter& w, ExecveFields& fields, const Field& field,
                  const ArgumentKey& argument) {
  if (argument.kind == ArgumentKey::Kind::whole) {
    put_escaped_bytes(w, field);
    fields.skip();
    return;
  }
  char* const bytes = w.out() + escaped_bound(size_of_parts(fields, argument));
  char* end = bytes;
  for (; const Field* part = next_part(fields, argument); fields.skip())
    if (part->cls == FieldClass::argument) end = decode_part(*part, end);
  w.set_out(escape_to({bytes, static_cast<std::size_t>(end - bytes)}, w.out()));
}

bool has_argc(std::span<const Field> fields) {
  return !fields.empty() && fields[0].key_id == key::kArgc;
}

// The fast way for what the kernel writes: a0, a1, a2 ... in order, each the next expected.
bool is_next_whole(const Field& field, std::size_t expected) {
  const std::string_view name = field.key();
  if (expected < 10) return name.size() == 2 && name[1] == static_cast<char>('0' + expected);
  return false;
}

// Decides which arguments have a place in ARGV: each that comes after those before it, as long as
// not too many are missing.
class Places {
 public:
  // The number of missing arguments before `index`, which has its place then; SIZE_MAX: none.
  std::size_t take(std::uint32_t index) {
    if (index < next_ || index - next_ > may_miss_) return SIZE_MAX;
    const std::size_t missing = index - next_;
    may_miss_ -= missing;
    next_ = index + std::size_t{1};
    return missing;
  }
  std::size_t next() const { return next_; }

 private:
  std::size_t next_ = 0;
  std::size_t may_miss_ = kMaxMissingArguments;
};

enum class Join { array, text };

// The number of bytes that a part stands for.
std::size_t decoded_size(const Field& part) {
  const bool is_hex = part.form == record::Form::bare && record::is_hex_encoded(part.value());
  return is_hex ? part.value_size / 2 : part.value_size;
}

// Writes the arguments with a place, in order; the middle of too many bytes is left out.
class ArgumentWriter {
 public:
  ArgumentWriter(JsonWriter& w, const Event& event, const Record& first, Join join)
      : w_(w), fields_(event, first), join_(join) {}

  // What lies in [begin, end) is left out, where each argument takes its bytes and one more.
  void leave_out(std::size_t begin, std::size_t end) {
    window_begin_ = begin;
    window_end_ = end;
  }
  // Returns false when a field besides argc had no place.
  bool write() {
    return go_through([this](const Field* field, const ArgumentKey& argument, bool is_first) {
      const std::size_t size = field == nullptr || window_end_ == 0 ? 0 : size_of(*field, argument);
      const bool is_left_out = at_ + size > window_begin_ && at_ < window_end_;
      at_ += size;
      if (is_left_out) {
        if (skipped_args_++ == 0) skip_is_first_ = is_first;
        skipped_bytes_ += size;
        if (field != nullptr) skip(*field, argument);
        return;
      }
      put_skipped();
      put_one(field, argument, is_first);
    });
  }
  // The bytes of all arguments, each with one more: what a limit is compared with.
  std::size_t measure() {
    std::size_t total = 0;
    go_through([&](const Field* field, const ArgumentKey& argument, bool) {
      if (field == nullptr) return;
      total += size_of(*field, argument);
      skip(*field, argument);
    });
    return total;
  }
  void finish() { put_skipped(); }

 private:
  // Calls `each` for each argument that has a place, and with null for each that is missing; it
  // takes the argument's fields.
  template <class Each>
  bool go_through(Each each) {
    bool all_placed = true;
    Places places;
    while (const Field* field = fields_.peek()) {
      if (!is_argument(*field)) {
        all_placed = all_placed && field->key_id == key::kArgc;
        fields_.skip();
        continue;
      }
      const ArgumentKey argument =
          is_next_whole(*field, places.next())
              ? ArgumentKey{ArgumentKey::Kind::whole, static_cast<std::uint32_t>(places.next()), 0}
              : record::parse_argument_key(field->key());
      std::size_t missing = places.take(argument.index);
      if (missing == SIZE_MAX) {
        all_placed = false;  // put_leftovers() has it
        fields_.skip();
        continue;
      }
      for (std::size_t index = argument.index - missing; missing != 0; --missing, ++index)
        each(nullptr, argument, index == 0);
      each(field, argument, argument.index == 0);
    }
    return all_placed;
  }

  std::size_t size_of(const Field& field, const ArgumentKey& argument) const {
    if (argument.kind == ArgumentKey::Kind::whole) return decoded_size(field) + 1;
    std::size_t size = 1;
    ExecveFields fields = fields_;
    for (; const Field* part = next_part(fields, argument); fields.skip())
      if (part->cls == FieldClass::argument) size += decoded_size(*part);
    return size;
  }

  void skip(const Field&, const ArgumentKey& argument) {
    if (argument.kind == ArgumentKey::Kind::whole) return fields_.skip();
    while (next_part(fields_, argument) != nullptr) fields_.skip();
  }

  void put_one(const Field* field, const ArgumentKey& argument, bool is_first) {
    if (join_ == Join::text) {
      if (!is_first) w_.put(' ');
      if (field != nullptr) put_argument(w_, fields_, *field, argument);
      return;
    }
    if (field == nullptr) return w_.put(std::string_view(",null"));
    w_.put(",\"");
    put_argument(w_, fields_, *field, argument);
    w_.put('"');
  }

  // The mark in the place of what was left out, in LAUREL's form.
  void put_skipped() {
    if (skipped_args_ == 0) return;
    const bool is_text = join_ == Join::text;
    if (is_text && !skip_is_first_) w_.put(' ');
    w_.put(is_text ? std::string_view("<<< Skipped: args=")
                   : std::string_view(",{\"skipped_args\":"));
    w_.number(skipped_args_);
    w_.put(is_text ? std::string_view(", bytes=") : std::string_view(",\"skipped_bytes\":"));
    w_.number(skipped_bytes_ - (skipped_bytes_ != 0 ? 1 : 0));
    w_.put(is_text ? std::string_view(" >>>") : std::string_view("}"));
    skipped_args_ = 0;
  }

  JsonWriter& w_;
  ExecveFields fields_;
  const Join join_;
  std::size_t at_ = 0;  // in the bytes of all arguments
  std::size_t window_begin_ = 0;
  std::size_t window_end_ = 0;
  std::size_t skipped_args_ = 0;
  std::size_t skipped_bytes_ = 0;
  bool skip_is_first_ = false;
};

// The bytes in which the arguments are written: more than measure() says.
std::size_t written_size(const Event& event, const Record& first) {
  std::size_t size = 0;
  for (const Record* r = &first;; r = &event.records()[r->next_same_type]) {
    size += r->body.size();
    if (r->next_same_type == Record::kNone) return size;
  }
}

// `limit`: of bytes, 0 for none. Returns false when a field besides argc had no place.
bool put_arguments(JsonWriter& w, const Event& event, const Record& first, Join join,
                   std::size_t limit) {
  ArgumentWriter writer(w, event, first, join);
  if (limit != 0 && written_size(event, first) > limit) {
    const std::size_t size = ArgumentWriter(w, event, first, join).measure();
    if (size > limit) writer.leave_out(limit / 2, limit / 2 + (size - limit));
  }
  char* const opened = w.open_object();
  if (join == Join::text) w.put('"');
  const bool all_placed = writer.write();
  writer.finish();
  if (join == Join::text)
    w.put('"');
  else
    w.close_array(opened);
  return all_placed;
}

// Writes a field as the record has it, as the inside of a string.
void put_as_written(JsonWriter& w, const Field& field) {
  using record::Form;
  const bool closed = field.form != Form::bare && field.form != Form::word && !field.unclosed;
  const char* const end = field.value_data + field.value_size + (closed ? 1 : 0);
  w.set_out(escape_to({field.key_data, static_cast<std::size_t>(end - field.key_data)}, w.out()));
}

// Whatever put_arguments() could not place.
void put_leftovers(JsonWriter& w, const AddedNames& names, const Event& event,
                   const Record& first) {
  const std::span<const Field> of_first = event.fields(first);
  const Field* const argc = has_argc(of_first) ? of_first.data() : nullptr;
  ExecveFields fields(event, first);
  Places places;
  bool any = false;
  while (const Field* field = fields.peek()) {
    fields.skip();
    if (field == argc || field->inside) continue;  // what is inside stands in its message
    if (is_next_whole(*field, places.next())) {
      places.take(static_cast<std::uint32_t>(places.next()));
      continue;
    }
    if (is_argument(*field)) {
      const ArgumentKey argument = record::parse_argument_key(field->key());
      if (places.take(argument.index) != SIZE_MAX) {
        if (argument.kind == ArgumentKey::Kind::whole) continue;
        while (next_part(fields, argument) != nullptr) fields.skip();
        continue;
      }
    }
    if (!any) {
      names.put_key(w, "TEXT");
      w.put('"');
    } else {
      w.put(' ');
    }
    any = true;
    put_as_written(w, *field);
  }
  if (any) w.put('"');
}

}  // namespace

void put_execve(JsonWriter& w, const AddedNames& names, const Options& options, const Event& event,
                const Record& first) {
  const std::span<const Field> fields = event.fields(first);
  if (has_argc(fields)) {
    w.key(fields[0]);
    put_value(w, fields[0]);
  }
  bool all_placed = options.argv_array || options.argv_string;
  if (options.argv_array) {
    names.put_key(w, "ARGV");
    all_placed = put_arguments(w, event, first, Join::array, options.argv_limit);
  }
  if (options.argv_string) {
    names.put_key(w, "ARGV_STR");
    all_placed = put_arguments(w, event, first, Join::text, options.argv_limit);
  }
  if (!all_placed) put_leftovers(w, names, event, first);
}

void put_proctitle(JsonWriter& w, const AddedNames& names, const Options& options,
                   std::span<const Field> fields) {
  const bool plain = fields.size() == 1 && fields[0].key_id == key::kProctitle &&
                     !is_null(fields[0]) && options.argv_array;
  if (!plain) return put_fields(w, names, fields);
  names.put_key(w, "ARGV");
  char* const opened = w.open_object();
  std::string_view title = fields[0].value();
  // Decoded far enough ahead of what is written that the two never meet: each NUL becomes three
  // bytes, and so may any other byte.
  char* const decoded = w.out() + 3 * title.size() + 64;
  if (fields[0].form == record::Form::bare) {
    const std::size_t size = decode_hex_to(title, decoded);
    if (size != SIZE_MAX) title = {decoded, size};
  }
  for (;;) {
    const std::size_t end = title.find('\0');
    w.put(",\"");
    w.set_out(escape_to(title.substr(0, end), w.out()));
    w.put('"');
    if (end == title.npos) break;
    title.remove_prefix(end + 1);
  }
  w.close_array(opened);
}

}  // namespace sorrel::encode
