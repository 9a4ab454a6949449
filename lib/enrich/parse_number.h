#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

// Whole texts as numbers: nothing when they are empty, hold anything else or do not fit.
namespace sorrel::enrich {

template <class Number>
std::optional<Number> parse(std::string_view digits, int base) noexcept {
  Number number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc{} || stop != end || digits.empty()) return std::nullopt;
  return number;
}

// With or without 0x.
inline std::optional<std::uint64_t> parse_hex(std::string_view text) noexcept {
  if (text.starts_with("0x")) text.remove_prefix(2);
  return parse<std::uint64_t>(text, 16);
}

inline std::optional<std::uint32_t> parse_decimal(std::string_view text) noexcept {
  return parse<std::uint32_t>(text, 10);
}

}  // namespace sorrel::enrich
