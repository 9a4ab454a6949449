#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

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

// The bytes that a field of the kernel's untrusted strings (name, exe, comm, cwd) stands for. Empty
// for (null) and ?. Valid while the event lives.
std::string_view bytes_of(event::Event& event, const record::Field& field);

}  // namespace sorrel::enrich
