#include "input/byte_stream.h"

#include <algorithm>
#include <cstring>

namespace sorrel::input {

Result<std::size_t> ByteStream::read(std::span<char> out) {
  if (head_size_ == 0) return read_some(out);
  const std::size_t given = std::min(head_size_, out.size());
  std::memcpy(out.data(), head_.data(), given);
  head_size_ -= given;
  std::memmove(head_.data(), head_.data() + given, head_size_);
  return given;
}

Result<std::string_view> ByteStream::peek(std::size_t count) {
  SORREL_CHECK(count <= kMaxPeek, "peek() of more than kMaxPeek bytes");
  while (head_size_ < count) {
    auto got = read_some(std::span(head_).subspan(head_size_, count - head_size_));
    // A stream that breaks later first gives what it has: read() will meet the error again.
    if (!got && head_size_ == 0) return Unexpected(std::move(got).error());
    if (!got || *got == 0) break;
    head_size_ += *got;
  }
  return std::string_view(head_.data(), head_size_);
}

}  // namespace sorrel::input
