#include "encode/digits.h"

#include <charconv>
#include <cstdint>

namespace sorrel::encode {

bool is_json_integer(std::string_view text) noexcept {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return false;
  const std::string_view digits = text[0] == '-' ? text.substr(1) : text;
  return digits.size() == 1 || digits[0] != '0';
}

}  // namespace sorrel::encode
