#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "event/event.h"
#include "record/parser.h"

namespace sorrel::enrich {

// How bytes are written as a value.
enum class ValueForm : std::uint8_t {
  kernel,  // "quoted", or hex when a blank, a quote, a control byte or one beyond ASCII is in it
  hex,     // hex in any case
};

// Appends the value of an untrusted string as the kernel writes it, with its quotes.
// Source: linux/kernel/audit.c, audit_log_n_untrustedstring().
void append_value(std::string_view bytes, ValueForm form, std::string& out);

// True when the value of `field` is hex, as the kernel writes what needs it.
bool is_hex(const record::Field& field) noexcept;

// The bytes that the field's value stands for, written to `out`, which has room for the value's
// size and 16 more; returns the end. A value that is neither quoted nor hex is what it says.
char* decode_value(const record::Field& field, char* out) noexcept;

// Replaces the values of a record's fields, one after the other in their order, and then gives the
// record its new body.
class RecordEditor {
 public:
  // Begins with another record. What was not finished is forgotten.
  void begin(const event::Event& event, std::uint32_t index);
  // `value`: as it is to be written, with its quotes.
  void replace(const record::Field& field, std::string_view value);
  void finish(event::Event& event, record::Parser& parser);

 private:
  std::uint32_t index_ = 0;
  std::string_view old_;
  std::size_t copied_ = 0;  // of old_
  std::string body_;
};

}  // namespace sorrel::enrich
