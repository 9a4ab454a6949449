#include "terminal_text.h"

#include <langinfo.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>

#include "control/utf8.h"

namespace sorrel::sorrelctl {
namespace {

// Unicode's control characters (general category Cc), the bidirectional ones (UAX #9, section 2),
// the line and paragraph separators, and the byte order mark.
bool steers(char32_t code) noexcept {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
         (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

bool is_plain(char byte) noexcept {
  return byte >= 0x20 && byte < 0x7f;
}

std::size_t plain_prefix(std::string_view text) noexcept {
  std::size_t size = 0;
  while (size < text.size() && is_plain(text[size])) ++size;
  return size;
}

void append_hex(std::string_view bytes, std::string& out) {
  for (const char byte : bytes) {
    char escape[4];
    std::snprintf(escape, sizeof escape, "%%%02x", unsigned{static_cast<unsigned char>(byte)});
    out += escape;
  }
}

}  // namespace

Terminal standard_output() {
  Terminal terminal;
  std::setlocale(LC_CTYPE, "");
  terminal.has_utf8 = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
  const char* const kind = std::getenv("TERM");
  const char* const no_colour = std::getenv("NO_COLOR");
  terminal.has_colour = ::isatty(STDOUT_FILENO) == 1 && kind != nullptr &&
                        std::string_view(kind) != "dumb" &&
                        (no_colour == nullptr || *no_colour == '\0');
  return terminal;
}

std::size_t append_visible(std::string_view text, bool has_utf8, std::string& out) {
  std::size_t width = 0;
  while (!text.empty()) {
    std::size_t size = plain_prefix(text);
    if (size > 0) {
      out += text.substr(0, size);
      width += size;
    } else {
      const control::Utf8Character character = control::first_character(text);
      size = character.size == 0 ? 1 : character.size;
      if (has_utf8 && character.size > 0 && !steers(character.code)) {
        out += text.substr(0, size);
        ++width;
      } else {
        append_hex(text.substr(0, size), out);
        width += 3 * size;
      }
    }
    text.remove_prefix(size);
  }
  return width;
}

void append_visible_json(std::string_view json, std::string& out) {
  while (!json.empty()) {
    std::size_t size = plain_prefix(json);
    if (size > 0) {
      out += json.substr(0, size);
    } else {
      const control::Utf8Character character = control::first_character(json);
      size = character.size == 0 ? 1 : character.size;
      if (character.size > 0 && !steers(character.code)) {
        out += json.substr(0, size);
      } else {
        // All that steer are in the basic plane: one escape is enough.
        char escape[8];
        const char32_t code = character.size == 0 ? 0xfffd : character.code;
        std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(code));
        out += escape;
      }
    }
    json.remove_prefix(size);
  }
}

}  // namespace sorrel::sorrelctl
