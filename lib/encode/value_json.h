#pragma once

#include "encode/json_writer.h"
#include "record/field.h"

namespace sorrel::encode {

// Writes the value of one field by its class. A value that does not have its class's form is
// written as the text it is. An empty one is null, in a message "" (as LAUREL has both).
void put_value(JsonWriter& w, const record::Field& field) noexcept;

// Writes the bytes of an `escaped` field, decoded, as the inside of a JSON string.
void put_bare_escaped_bytes(JsonWriter& w, const record::Field& field) noexcept;
inline void put_escaped_bytes(JsonWriter& w, const record::Field& field) noexcept {
  if (field.form == record::Form::bare) return put_bare_escaped_bytes(w, field);
  w.set_out(escape_short_to(field.value(), w.out()));
}

// True when the value is the kernel's "(null)", a "?" of user space, or missing.
inline bool is_null(const record::Field& field) noexcept {
  return field.form == record::Form::bare &&
         (field.value_size == 0 || field.value() == "(null)" || field.value() == "?");
}

}  // namespace sorrel::encode
