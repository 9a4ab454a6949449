#include "ruleset/version_order.h"

#include <algorithm>
#include <cstddef>

namespace sorrel::ruleset {
namespace {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The name without what matches (\.[A-Za-z~][A-Za-z0-9~]*)*$
std::string_view without_suffix(std::string_view name) noexcept {
  std::size_t end = name.size();
  std::size_t at = name.size();
  while (at > 0) {
    const char c = name[at - 1];
    if (is_letter(c) || is_digit(c) || c == '~') {
      --at;
    } else if (c == '.' && at < end && !is_digit(name[at])) {
      end = --at;
    } else {
      break;
    }
  }
  return name.substr(0, end);
}

// `~` before the end of the text, the end before letters, letters before the rest.
int order_of(std::string_view text, std::size_t at) noexcept {
  if (at == text.size() || is_digit(text[at])) return 0;
  if (text[at] == '~') return -1;
  const int byte = static_cast<unsigned char>(text[at]);
  return is_letter(text[at]) ? byte : byte + 256;
}

int compare_versions(std::string_view left, std::string_view right) noexcept {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < left.size() || j < right.size()) {
    while ((i < left.size() && !is_digit(left[i])) || (j < right.size() && !is_digit(right[j]))) {
      const int difference = order_of(left, i) - order_of(right, j);
      if (difference != 0) return difference;
      i += i < left.size();
      j += j < right.size();
    }
    while (i < left.size() && left[i] == '0') ++i;
    while (j < right.size() && right[j] == '0') ++j;
    int first_difference = 0;
    while (i < left.size() && is_digit(left[i]) && j < right.size() && is_digit(right[j])) {
      if (first_difference == 0) first_difference = left[i] - right[j];
      ++i;
      ++j;
    }
    if (i < left.size() && is_digit(left[i])) return 1;
    if (j < right.size() && is_digit(right[j])) return -1;
    if (first_difference != 0) return first_difference;
  }
  return 0;
}

// Hidden files first; names before their suffixes.
int compare_names(std::string_view left, std::string_view right) noexcept {
  if (left.starts_with('.') != right.starts_with('.')) return left.starts_with('.') ? -1 : 1;
  const int difference = compare_versions(without_suffix(left), without_suffix(right));
  return difference != 0 ? difference : compare_versions(left, right);
}

}  // namespace

bool version_less(std::string_view left, std::string_view right) noexcept {
  const int difference = compare_names(left, right);
  return difference != 0 ? difference < 0 : left < right;
}

}  // namespace sorrel::ruleset
