#include "ruleset/numbers.h"

#include <charconv>
#include <limits>
#include <system_error>

namespace sorrel::ruleset {

std::optional<WrittenNumber> read_number(std::string_view text) noexcept {
  WrittenNumber number;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    number.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number.magnitude, base);
  if (text.empty() || stop != end || problem == std::errc::invalid_argument) return std::nullopt;
  number.too_large = problem == std::errc::result_out_of_range;
  return number;
}

std::optional<std::uint32_t> read_u32(std::string_view text) noexcept {
  const std::optional<WrittenNumber> number = read_number(text);
  if (!number || number->negative || number->too_large) return std::nullopt;
  if (number->magnitude > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(number->magnitude);
}

}  // namespace sorrel::ruleset
