#include "config/encoding.h"

#include "base/hex.h"

namespace sorrel::config {
namespace {

// C0 and DEL, and C1 (U+0080..U+009F, 0xc2 0x80..0x9f).
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((text[i] & '\xc0') != '\x80') return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool outside = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
  return overlong || outside ? 0 : length;
}

bool is_printable(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(text.substr(0, length))) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool check_encoding(std::string_view text, Report& report) {
  Position at{1, 1};
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text[0];
    const bool space = c == '\t' || c == '\n' || c == '\r';
    if (length == 0 || (!space && is_control(text.substr(0, length)))) {
      report.add(at, "the byte 0x" + encode_hex(text.substr(0, 1)) +
                         (length == 0 ? " is not UTF-8" : " is a control character") +
                         "; save the file as UTF-8 text");
      return false;
    }
    at.column++;
    if (c == '\n') at = {at.line + 1, 1};
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace sorrel::config
