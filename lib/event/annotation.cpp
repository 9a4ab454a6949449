#include "event/annotation.h"

#include <algorithm>

namespace sorrel::event {

bool is_plain(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%' && c != '+';
  });
}

}  // namespace sorrel::event
