#include "encode/argument_writer.h"

#include <cstring>
#include <string_view>

#include "base/hex.h"
#include "encode/execve_fields.h"
#include "encode/value_json.h"

namespace sorrel::encode {
namespace {

using event::Event;
using event::Record;
using record::ArgumentKey;
using record::Field;
using record::FieldClass;
namespace key = record::key;

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
    if (join_ == Join::array && window_end_ == 0) write_usual();
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
  // What nearly all arguments are: whole, in order, none missing. Stops at the first that is not.
  void write_usual() {
    while (const Field* field = fields_.peek()) {
      if (field->cls == FieldClass::argument && is_next_whole(*field, places_.next())) {
        places_.take_next();
        w_.put(",\"");
        put_escaped_bytes(w_, *field);
        w_.put('"');
      } else if (field->key_id != key::kArgc) {
        return;
      }
      fields_.skip();
    }
  }

  // Calls `each` for each argument that has a place, and with null for each that is missing; it
  // takes the argument's fields.
  template <class Each>
  bool go_through(Each each) {
    bool all_placed = true;
    while (const Field* field = fields_.peek()) {
      if (!is_argument(*field)) {
        all_placed = all_placed && field->key_id == key::kArgc;
        fields_.skip();
        continue;
      }
      const ArgumentKey argument =
          is_next_whole(*field, places_.next())
              ? ArgumentKey{ArgumentKey::Kind::whole, static_cast<std::uint32_t>(places_.next()), 0}
              : record::parse_argument_key(field->key());
      std::size_t missing = places_.take(argument.index);
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
  Places places_;
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

}  // namespace

bool put_arguments(JsonWriter& w, const Event& event, const Record& first, Join join,
                   std::uint64_t limit) {
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

}  // namespace sorrel::encode
