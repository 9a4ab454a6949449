#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/event_id.h"
#include "base/serial_text.h"

namespace sorrel::encode {

// Formats stamps; remembers the last second and day, since events come in runs of one.
class StampText {
 public:
  // "2021-07-15T12:29:23.720Z": UTC, as ISO 8601 has it; 24 bytes, more beyond the year 9999.
  // The view is valid until the next call.
  std::string_view iso8601(const EventId& id) noexcept;
  // "1626352163.720:1234", the kernel's form without its audit(). Valid until the next call.
  std::string_view id(const EventId& id) noexcept;

 private:
  std::array<char, 40> iso_{};
  std::size_t iso_size_ = 0;
  std::uint64_t iso_second_ = ~std::uint64_t{0};
  std::uint64_t iso_day_ = ~std::uint64_t{0};  // since the epoch
  std::array<char, 25 + SerialText::kRoom> id_{};
  SerialText serials_;
  std::size_t id_prefix_size_ = 0;
  std::uint64_t id_second_ = ~std::uint64_t{0};
};

}  // namespace sorrel::encode
