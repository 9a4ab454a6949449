#include "record/repeats.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <string_view>

namespace sorrel::record {
namespace {

std::uint32_t hash_key(const Field& field) noexcept {
  std::uint32_t hash = field.inside ? 2'166'136'261u : 84'696'351u;  // FNV-1a, two starts
  for (const char c : field.key()) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619u;
  return hash ^ hash >> 15;
}

bool has_suffix(const Field& field) noexcept {
  const std::string_view key = field.key();
  const std::size_t underscore = key.rfind('_');
  return underscore != key.npos && underscore + 1 < key.size() && key[underscore + 1] >= '0' &&
         key[underscore + 1] <= '9';
}

}  // namespace

void mark_repeats(std::span<Field> fields, std::vector<std::uint32_t>& table) {
  if (fields.size() < 2) return;
  // Open addressing over indices + 1; an object of its own starts inside a nested message.
  const std::size_t size = std::bit_ceil(fields.size() * 2);
  table.assign(size, 0);
  bool any_repeated = false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Field& field = fields[i];
    if (field.key_size == 0) continue;
    for (std::size_t at = hash_key(field) & (size - 1);; at = (at + 1) & (size - 1)) {
      if (table[at] == 0) {
        table[at] = static_cast<std::uint32_t>(i + 1);
        break;
      }
      const Field& earlier = fields[table[at] - 1];
      if (earlier.inside == field.inside && earlier.key() == field.key()) {
        field.plain = Plain::no;
        field.repeated = static_cast<std::uint16_t>(earlier.repeated + 1);
        any_repeated = true;
        table[at] = static_cast<std::uint32_t>(i + 1);
        break;
      }
    }
  }
  if (any_repeated && std::ranges::any_of(fields, has_suffix))
    for (Field& field : fields)
      if (field.repeated != 0) field.repeated |= Field::kOddSuffix;
}

}  // namespace sorrel::record
