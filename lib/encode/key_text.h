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
  static constexpr std::size_t kPunctuation = 4;  // the bytes around the key
  struct Text {
    char bytes[kBytes];
    std::uint8_t size;  // 0: no such key
  };
  static_assert(sizeof(Text) == 32);

  KeyTexts();
  const Text& operator[](record::KeyId id) const noexcept { return (*texts_)[id]; }
  // `,"SYSCALL":` and so on, for the types from 1000 to 2999 that have a name.
  const Text& type(record::RecordType type) const noexcept {
    const unsigned index = type - kFirstType;
    return (*types_)[index < kTypes ? index : 0];
  }

 private:
  static constexpr unsigned kFirstType = 1000;  // no event has this type
  static constexpr unsigned kTypes = 2000;

  std::unique_ptr<std::array<Text, record::kKeyCount + 1>> texts_;
  std::unique_ptr<std::array<Text, kTypes>> types_;
};

}  // namespace sorrel::encode
