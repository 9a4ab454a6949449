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

// True when a value that begins so is surely bare: no quote, no brace, and not empty.
inline bool begins_bare(char c) noexcept {
  return static_cast<unsigned char>(c - '(') < '{' - '(';
}

// Takes predicted keys with quoted or bare values, from `p` on, until something else comes. This
// loop is what the parser's time goes to. The kernel's values hold no blank (it would have written
// them in hex), so fields end at the blanks, which are found for 64 bytes at once: no field waits
// for the scan of the one before.
[[gnu::always_inline]] inline PlainRun take_plain(const char* p, const char* end,
                                                  Prediction* expected, Field* out,
                                                  const Field* limit) {
  while (p < end && *p == ' ') ++p;
  // A field has two bytes at least: more than these may become too many, and are taken one by one.
  if (end - p > 2 * (limit - out)) [[unlikely]]
    return {p, out, expected};
  const char* block = p;
  std::uint64_t blanks = blank_bits(block);
  // The end needs no look: no key begins as the second sentinel does.
  while (equal_masked(p, expected->text.data(), expected->mask)) {
    if (blanks == 0) [[unlikely]] {
      // The first sentinel ends the last value as a blank does.
      do blanks = blank_bits(block += kBlankBlock);
      while (blanks == 0);
    }
    const char* const stop = block + static_cast<unsigned>(__builtin_ctzll(blanks));
    blanks &= blanks - 1;
    const char* value = p + expected->bare.key_size + 1;
    if (*stop != ' ') break;
    if (begins_bare(*value)) [[likely]] {
      static_cast<FieldShape&>(*out) = expected->bare;
      out->value_size = static_cast<std::uint32_t>(stop - value);
    } else {
      if (*value != '"' || find_quote(++value) != stop - 1) break;
      static_cast<FieldShape&>(*out) = expected->quoted;
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
