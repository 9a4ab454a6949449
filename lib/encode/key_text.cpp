#include "encode/key_text.h"

#include <cstring>
#include <string>

namespace sorrel::encode {

KeyTexts::KeyTexts() : texts_(std::make_unique<std::array<Text, record::kKeyCount + 1>>()) {
  for (record::KeyId id = 1; id <= record::kKeyCount; ++id) {
    // The names of known keys need no escape.
    const std::string text = ",\"" + std::string(record::key_info(id).name) + "\":";
    if (text.size() > kBytes) continue;
    std::memcpy((*texts_)[id].bytes, text.data(), text.size());
    (*texts_)[id].size = static_cast<std::uint8_t>(text.size());
  }
}

}  // namespace sorrel::encode
