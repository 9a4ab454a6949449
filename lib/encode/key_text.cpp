#include "encode/key_text.h"

#include <cstring>
#include <string>

#include "base/check.h"

namespace sorrel::encode {
namespace {

// Neither the names of known keys nor those of types need an escape.
void set(KeyTexts::Text& text, std::string_view name) {
  const std::string member = ",\"" + std::string(name) + "\":";
  if (name.empty()) return;
  SORREL_CHECK(member.size() <= KeyTexts::kBytes, "the name of a key or type is too long");
  std::memcpy(text.bytes, member.data(), member.size());
  text.size = static_cast<std::uint8_t>(member.size());
}

}  // namespace

KeyTexts::KeyTexts()
    : texts_(std::make_unique<std::array<Text, record::kKeyCount + 1>>()),
      types_(std::make_unique<std::array<Text, kTypes>>()) {
  for (record::KeyId id = 1; id <= record::kKeyCount; ++id)
    set((*texts_)[id], record::key_info(id).name);
  for (unsigned i = 1; i < kTypes; ++i)
    set((*types_)[i], record::type_name(static_cast<record::RecordType>(kFirstType + i)));
}

}  // namespace sorrel::encode
