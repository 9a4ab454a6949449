#include "encode/value_json.h"

#include "base/hex.h"
#include "encode/digits.h"

namespace sorrel::encode {
namespace {

using record::Field;
using record::FieldClass;
using record::Form;

// Hex is decoded to the place where its escaped form may end at the farthest, then escaped from
// there to `out`: the source is always ahead of what is written (three bytes for each at the most).
// Returns false when the value is not hex.
bool put_hex(JsonWriter& w, std::string_view digits) noexcept {
  char* const decoded = w.out() + digits.size() / 2 * 3 + 32;
  const std::size_t size = decode_hex_to(digits, decoded);
  if (size == SIZE_MAX) return false;
  w.set_out(escape_to({decoded, size}, w.out()));
  return true;
}

void put_bare(JsonWriter& w, const Field& field) noexcept {
  if (is_null(field))
    w.null();
  else
    w.string(field.value());
}

// What stands where digits should: "?" and "(null)" too are text there, as LAUREL has it.
void put_decimal(JsonWriter& w, const Field& field) noexcept {
  const std::string_view value = field.value();
  if (is_plain_decimal(value)) [[likely]]
    w.put_short(value.data(), value.size());
  else if (is_json_integer(value))
    w.put(value);
  else
    w.string(value);
}

// `exit` in a signal's record, arch, capabilities: digits of base 16, perhaps with 0x already.
void put_hex_number(JsonWriter& w, const Field& field) noexcept {
  std::string_view digits = field.value();
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  if (all_hex_digits(digits))
    w.set_out(put_prefixed_digits('x', digits, w.out()));
  else
    w.string(field.value());
}

void put_octal(JsonWriter& w, const Field& field) noexcept {
  if (field.value_size != 0 && all_digits<'7'>(field.value()))
    w.set_out(put_prefixed_digits('o', field.value(), w.out()));
  else
    w.string(field.value());
}

void put_escaped(JsonWriter& w, const Field& field) noexcept {
  if (is_null(field)) return w.null();
  w.put('"');
  put_escaped_bytes(w, field);
  w.put('"');
}

void put_unclassified(JsonWriter& w, const Field& field) noexcept {
  if (record::looks_hex_encoded(field.value()))
    put_escaped(w, field);
  else
    put_bare(w, field);
}

void put_bare_by_class(JsonWriter& w, const Field& field) noexcept {
  if (field.value_size == 0) [[unlikely]]
    return w.put(field.inside ? std::string_view("\"\"") : std::string_view("null"));
  switch (field.cls) {
    case FieldClass::decimal:
    case FieldClass::argument_length:
      return put_decimal(w, field);
    case FieldClass::escaped:
    case FieldClass::argument:
    case FieldClass::proctitle:
    case FieldClass::sockaddr:
    case FieldClass::tty_data:
      return put_escaped(w, field);
    case FieldClass::hex_number:
      return put_hex_number(w, field);
    case FieldClass::octal:
      return put_octal(w, field);
    case FieldClass::unclassified:
      return put_unclassified(w, field);
    case FieldClass::text:
    case FieldClass::message:
      return put_bare(w, field);
  }
}

std::string_view trimmed(std::string_view text) noexcept {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

void put_bare_escaped_bytes(JsonWriter& w, const Field& field) noexcept {
  if (put_hex(w, field.value())) return;
  w.set_out(escape_short_to(field.value(), w.out()));
}

void put_value(JsonWriter& w, const Field& field) noexcept {
  switch (field.form) {
    case Form::quoted:
      return w.string(field.value());
    case Form::braces:
      w.put("\"{");
      w.set_out(escape_to(trimmed(field.value()), w.out()));
      return w.put("}\"");
    case Form::nested:  // its own fields follow it; the encoder of messages writes them
    case Form::word:
      return w.string(field.value());
    case Form::bare:
      return put_bare_by_class(w, field);
  }
}

}  // namespace sorrel::encode
