#include "record/rebuild.h"

namespace sorrel::record {

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
