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

// How a field that needs no further look is shown: an encoder's short cut, no statement of its own.
enum class Plain : std::uint8_t {
  no,       // look at form and class
  string,   // quoted
  word,     // bare text
  decimal,  // bare, of class decimal; it may still not be a number
  hex,      // likewise of class hex_number
  octal,    // likewise
};

// No key that is longer has a Plain of its own: `,"key":` fits into a block of 16 bytes.
inline constexpr std::uint16_t kMaxPlainKey = 12;

// All of a field but where it lies. The parser predicts it and copies it whole.
struct FieldShape {
  std::uint32_t value_size;
  std::uint16_t key_size;
  KeyId key_id;
  FieldClass cls;
  Form form;
  bool inside;    // inside the closest nested field before it
  bool enriched;  // after the 0x1d that auditd's ENRICHED format appends
  bool unclosed;  // the closing quote or brace is missing: the value runs to the end
  Plain plain;    // not `no` only for known keys, neither inside, enriched nor repeated
  // How often the same key came before in the same object; with kOddSuffix when another key there
  // ends in _ and a digit, so that "uid_2" may be a key of its own.
  std::uint16_t repeated;

  static constexpr std::uint16_t kOddSuffix = 0x8000;
};
static_assert(sizeof(FieldShape) == 16, "one block to copy");

// One field of a record: views into the record's bytes, in the order of the record. Without
// defaults, so that a list of them need not be initialised.
struct Field : FieldShape {
  const char* key_data;
  const char* value_data;  // without its quotes or braces

  std::string_view key() const noexcept { return {key_data, key_size}; }
  std::string_view value() const noexcept { return {value_data, value_size}; }
};
static_assert(sizeof(Field) == 32, "two fields a cache line: the hot path is sized for it");

}  // namespace sorrel::record
