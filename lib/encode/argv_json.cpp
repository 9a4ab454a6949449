#include "encode/argv_json.h"

#include "base/hex.h"
#include "encode/argument_writer.h"
#include "encode/execve_fields.h"
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

bool has_argc(std::span<const Field> fields) {
  return !fields.empty() && fields[0].key_id == key::kArgc;
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

// Writes the title up to its first NUL, as the inside of a string, and takes both away. False when
// there was none.
bool put_up_to_nul(JsonWriter& w, std::string_view& title) {
  // The NUL is the first byte that is not plain in nearly all arguments.
  std::size_t end = copy_plainest_block(title.data(), w.out());
  if (end < title.size() && end < kEscapeBlock && title[end] == '\0') {
    w.set_out(w.out() + end);
  } else {
    end = title.find('\0');
    w.set_out(escape_short_to(title.substr(0, end), w.out()));
    if (end == title.npos) return false;
  }
  title.remove_prefix(end + 1);
  return true;
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
  bool more = true;
  while (more) {
    w.put(",\"");
    more = put_up_to_nul(w, title);
    w.put('"');
  }
  w.close_array(opened);
}

}  // namespace sorrel::encode
