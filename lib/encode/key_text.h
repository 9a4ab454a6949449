#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "record/field_class.h"

namespace sorrel::encode {

// `,"key":` for every known key, ready to copy: one block store a key instead of an escape.
class KeyTexts {
 public:
  static constexpr std::size_t kBytes = 31;
  struct Text {
    char bytes[kBytes];
    std::uint8_t size;  // 0: too long for a block, or no such key
  };
  static_assert(sizeof(Text) == 32);

  KeyTexts();
  const Text& operator[](record::KeyId id) const noexcept { return (*texts_)[id]; }

 private:
  std::unique_ptr<std::array<Text, record::kKeyCount + 1>> texts_;
};

}  // namespace sorrel::encode
