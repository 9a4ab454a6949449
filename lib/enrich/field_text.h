#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/leading_digits.h"
#include "event/event.h"
#include "record/field.h"

namespace sorrel::enrich {

// The number that a field's whole value is, or nothing. Of an unsigned type.
template <int kBase, class T = std::uint32_t>
std::optional<T> number(const record::Field& field) noexcept {
  T value = 0;
  const char* const end = field.value_data + field.value_size;
  const auto [stop, error] = std::from_chars(field.value_data, end, value, kBase);
  if (error != std::errc{} || stop != end || field.value_size == 0) return std::nullopt;
  return value;
}

// number<10>(), which is what most are, in a few steps. As all fields, it is followed by what is no
// digit, and by eight readable bytes.
inline std::optional<std::uint32_t> decimal_number(const record::Field& field) noexcept {
  std::uint64_t value = 0;
  const unsigned digits = leading_digits(field.value_data, value);
  if (digits == 0 || field.value_size > 10 || digits != std::min(field.value_size, 8u))
    return std::nullopt;
  for (const char* at = field.value_data + 8;
       digits == 8 && at < field.value_data + field.value_size; ++at) {
    if (*at < '0' || *at > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  if (value > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

// The bytes that a field of the kernel's untrusted strings (name, exe, comm, cwd) stands for. Empty
// for (null) and ?. Valid while the event lives.
std::string_view bytes_of(event::Event& event, const record::Field& field);

}  // namespace sorrel::enrich
