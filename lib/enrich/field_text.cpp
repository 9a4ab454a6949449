#include "enrich/field_text.h"

#include "base/hex.h"
#include "record/field_class.h"

namespace sorrel::enrich {

std::string_view bytes_of(event::Event& event, const record::Field& field) {
  const std::string_view text = field.value();
  if (field.form != record::Form::bare) [[likely]]
    return text;
  if (text == "(null)" || text == "?") return {};
  if (!record::is_hex_encoded(text)) return text;
  constexpr std::size_t kBlock = 16;  // decode_hex_to() works in blocks
  char* const out = event.allocate(text.size() / 2 + kBlock);
  return {out, decode_hex_to(text, out)};
}

}  // namespace sorrel::enrich
