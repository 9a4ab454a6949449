#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sorrel::input {

// Few calls, and small enough that what read(2) copied is still in the second-level cache when the
// parser comes to it.
inline constexpr std::size_t kDefaultChunkBytes = 256u << 10;

// How far a reader is, in bytes of the file as it is stored (compressed bytes for an archive).
struct Progress {
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;  // 0 when it is unknown: a pipe
};

// Bytes one after the other, pulled by the reader. A seam to the operating system: files and
// archives implement it, tests and fuzz targets use MemoryStream.
class ByteStream {
 public:
  static constexpr std::size_t kMaxPeek = 16;

  // `name` is what messages call it: a path, "standard input".
  explicit ByteStream(std::string name) : name_(std::move(name)) {}
  virtual ~ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  const std::string& name() const noexcept { return name_; }

  // Fills the beginning of `out`, which must not be empty, and returns how many bytes it put there;
  // 0 at the end. Waits when the file is a pipe. Errors name the file and the offset; what was
  // readable before it has been given, and every later call returns the error again.
  Result<std::size_t> read(std::span<char> out);

  // The next `count` bytes (at most kMaxPeek) without taking them; fewer when the stream ends or
  // breaks there. Valid until the next call. Errors: nothing at all can be read.
  Result<std::string_view> peek(std::size_t count);

  virtual Progress progress() const noexcept = 0;

 protected:
  virtual Result<std::size_t> read_some(std::span<char> out) = 0;

 private:
  std::string name_;
  std::array<char, kMaxPeek> head_{};  // peeked and not yet read
  std::size_t head_size_ = 0;
};

}  // namespace sorrel::input
