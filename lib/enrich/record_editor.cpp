#include "enrich/record_editor.h"

#include <algorithm>
#include <cstring>

#include "base/hex.h"

namespace sorrel::enrich {
namespace {

using record::Field;
using record::Form;

bool forces_hex(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x21 || byte > 0x7e || byte == '"';
}

}  // namespace

void append_value(std::string_view bytes, ValueForm form, std::string& out) {
  if (form == ValueForm::hex || std::ranges::any_of(bytes, forces_hex)) {
    out += encode_hex(bytes);
    return;
  }
  ((out += '"') += bytes) += '"';
}

bool is_hex(const Field& field) noexcept {
  return field.form == Form::bare && record::is_hex_encoded(field.value());
}

char* decode_value(const Field& field, char* out) noexcept {
  if (field.form == Form::bare) {
    const std::size_t size = decode_hex_to(field.value(), out);
    if (size != SIZE_MAX) return out + size;
  }
  if (field.value_size != 0) std::memcpy(out, field.value_data, field.value_size);
  return out + field.value_size;
}

void RecordEditor::begin(const event::Event& event, std::uint32_t index) {
  index_ = index;
  old_ = event.records()[index].body;
  copied_ = 0;
  body_.clear();
}

void RecordEditor::replace(const Field& field, std::string_view value) {
  const bool is_enclosed = field.form != Form::bare && field.form != Form::word;
  const auto at = static_cast<std::size_t>(field.value_data - old_.data());
  const std::size_t begin = at - (is_enclosed ? 1 : 0);
  body_.append(old_, copied_, begin - copied_).append(value);
  copied_ = at + field.value_size + (is_enclosed && !field.unclosed ? 1 : 0);
}

void RecordEditor::finish(event::Event& event, record::Parser& parser) {
  body_.append(old_, copied_);
  event.replace_body(index_, body_, parser);
}

}  // namespace sorrel::enrich
