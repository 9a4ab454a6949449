#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sorrel::sorrelctl {

// What standard output can show.
struct Terminal {
  bool has_utf8 = false;
  bool has_colour = false;
};
// By the locale, and whether standard output is a terminal (NO_COLOR and TERM=dumb count).
Terminal standard_output();

// Appends `text` as it may go to a terminal: bytes that could steer it (control characters of ASCII
// and of Unicode, those that change the direction of writing, line separators), bytes that are no
// UTF-8, and without `has_utf8` all beyond ASCII become %xx. Other people's processes choose what
// is in it. Returns how many columns it takes, with one for each character.
std::size_t append_visible(std::string_view text, bool has_utf8, std::string& out);

// The same for a line of JSON, whose meaning stays: such characters become \uXXXX, which they can
// only be within a string. A byte that is no UTF-8 becomes U+FFFD.
void append_visible_json(std::string_view json, std::string& out);

}  // namespace sorrel::sorrelctl
