#pragma once

#include <cstddef>
#include <cstdint>

#include "record/prediction.h"
#include "record/scan.h"

namespace sorrel::record {

// Where a run of plain fields ended: the position, the place for the next field, and what would
// have been expected there.
struct PlainRun {
  const char* p;
  Field* out;
  Prediction* expected;
};

// Takes predicted keys with quoted or bare values, from `p` on, until something else comes. This
// loop is what the parser's time goes to. The kernel's values hold no blank (it would have written
// them in hex), so fields end at the blanks, which are found for 64 bytes at once: no field waits
// for the scan of the one before.
[[gnu::always_inline]] inline PlainRun take_plain(const char* p, const char* end,
                                                  Prediction* expected, Field* out,
                                                  const Field* limit) {
  while (p < end && *p == ' ') ++p;
  // A field has two bytes at least, so up to here the fields cannot become too many.
  const std::ptrdiff_t room = limit - out;
  const char* const safe_end = end - p > 2 * room ? p + 2 * room : end;
  const char* block = p;
  std::uint64_t blanks = blank_bits(block);
  while (p < safe_end) {
    if (!equal_masked(p, expected->text.data(), expected->mask)) break;
    // The sentinel ends the last value as a blank does.
    while (blanks == 0) blanks = blank_bits(block += kBlankBlock);
    const char* const stop = block + __builtin_ctzll(blanks);
    blanks &= blanks - 1;
    const char* value = p + expected->field.key_size + 1;
    if (*stop != ' ') break;
    if (*value > '\'') [[likely]] {
      if (*value == '{') break;
      *out = expected->field;
      out->value_size = static_cast<std::uint32_t>(stop - value);
    } else {
      if (*value != '"' || find_quote(++value) != stop - 1) break;
      *out = expected->field;
      out->form = Form::quoted;
      out->plain = expected->plain_quoted;
      out->value_size = static_cast<std::uint32_t>(stop - value - 1);
    }
    out->key_data = p;
    out->value_data = value;
    ++out;
    expected = expected->next;
    p = stop + 1;
  }
  return {p < end ? p : end, out, expected};
}

}  // namespace sorrel::record
