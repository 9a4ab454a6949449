#pragma once

#include <cstdint>
#include <string_view>

#include "record/field_class.h"

namespace sorrel::record {

// How a field's value is written in the record.
enum class Form : std::uint8_t {
  bare,    // key=value, up to the next blank; in messages of user space it may hold blanks
  quoted,  // key="value"
  nested,  // msg='key=value ...': the fields inside follow with `inside` set
  braces,  // key={ ... } or, without a key, { ... }; the value is without the braces
  word,    // a word without '=' that no value could take in; key is empty
};

// One field of a record: views into the record's bytes, in the order of the record.
struct Field {
  const char* key_data = nullptr;
  const char* value_data = nullptr;  // without its quotes or braces
  std::uint32_t value_size = 0;
  std::uint16_t key_size = 0;
  KeyId key_id = kUnknownKey;
  FieldClass cls = FieldClass::text;
  Form form = Form::bare;
  bool inside = false;        // inside the closest nested field before it
  bool enriched = false;      // after the 0x1d that auditd's ENRICHED format appends
  bool unclosed = false;      // the closing quote or brace is missing: the value runs to the end
  std::uint8_t repeated = 0;  // how often the same key came before in the same object, at most 255

  std::string_view key() const noexcept { return {key_data, key_size}; }
  std::string_view value() const noexcept { return {value_data, value_size}; }
};
static_assert(sizeof(Field) == 32, "two fields a cache line: the hot path is sized for it");

}  // namespace sorrel::record
