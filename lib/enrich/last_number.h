#pragma once

#include <cstdint>

#include "enrich/field_text.h"
#include "enrich/short_text.h"
#include "record/field.h"

namespace sorrel::enrich {

// Reads the numbers of a key whose values repeat from record to record: a text that is the last one
// again is not read again.
class LastNumber {
 public:
  // `read` makes the number of a field. A null field, and one whose text is too long, are `none`.
  template <class Read>
  std::uint32_t of(const record::Field* field, std::uint32_t none, Read read) noexcept {
    if (field == nullptr || field->value_size - 1 >= ShortText::kMaxSize) return none;
    const ShortText text = ShortText::of(field->value_data, field->value_size);
    if (text == text_) [[likely]]
      return number_;
    text_ = text;
    return number_ = read(*field);
  }
  std::uint32_t decimal(const record::Field* field, std::uint32_t none) noexcept {
    return of(field, none,
              [none](const record::Field& f) { return decimal_number(f).value_or(none); });
  }

 private:
  ShortText text_;  // empty: none yet
  std::uint32_t number_ = 0;
};

}  // namespace sorrel::enrich
