#include "encode/json_writer.h"

#include <charconv>

namespace sorrel::encode {

void JsonWriter::number(std::uint64_t value) noexcept {
  out_ = std::to_chars(out_, out_ + 20, value).ptr;
}

void JsonWriter::signed_number(std::int64_t value) noexcept {
  out_ = std::to_chars(out_, out_ + 20, value).ptr;
}

}  // namespace sorrel::encode
