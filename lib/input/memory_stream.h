#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "input/byte_stream.h"

namespace sorrel::input {

// Bytes that are already in memory, at most `piece_bytes` a read: for tests, fuzz targets and
// benchmarks.
class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::string bytes,
                        std::size_t piece_bytes = std::numeric_limits<std::size_t>::max(),
                        std::string name = "memory")
      : ByteStream(std::move(name)), bytes_(std::move(bytes)), piece_bytes_(piece_bytes) {}

  Progress progress() const noexcept override { return {read_, bytes_.size()}; }

 protected:
  Result<std::size_t> read_some(std::span<char> out) override {
    const std::size_t given = std::min({out.size(), piece_bytes_, bytes_.size() - read_});
    std::memcpy(out.data(), bytes_.data() + read_, given);
    read_ += given;
    return given;
  }

 private:
  std::string bytes_;
  std::size_t piece_bytes_;
  std::size_t read_ = 0;
};

}  // namespace sorrel::input
