#include "control/json_text.h"

#include <cstdio>

#include "control/utf8.h"

namespace sorrel::control {

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (character.size == 0) {
      out += "\\ufffd";
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", unsigned{byte});
      out += escape;
    } else {
      if (byte == '"' || byte == '\\') out += '\\';
      out += text.substr(0, character.size);
    }
    text.remove_prefix(character.size == 0 ? 1 : character.size);
  }
  out += '"';
}

}  // namespace sorrel::control
