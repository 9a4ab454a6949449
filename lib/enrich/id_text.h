#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/event_id.h"
#include "base/serial_text.h"

namespace sorrel::enrich {

// Writes event ids as text, "SEC.MMM:SERIAL", as the JSON has them. What is the same for many
// events is kept.
class IdText {
 public:
  // Valid until the next call.
  std::string_view of(const EventId& id) noexcept;

 private:
  std::array<char, 25 + SerialText::kRoom> text_{};
  SerialText serials_;
  std::size_t seconds_size_ = 0;
  std::uint64_t seconds_ = 0;
};

}  // namespace sorrel::enrich
