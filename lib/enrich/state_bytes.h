#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sorrel::enrich {

// Writes numbers, little-endian, and texts with their length before them.
class StateWriter {
 public:
  template <class Number>
  void number(Number value) {
    for (std::size_t i = 0; i < sizeof(Number); ++i)
      bytes_ += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff);
  }
  void text(std::string_view text) {
    number(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void raw(std::string_view bytes) { bytes_ += bytes; }

  const std::string& bytes() const noexcept { return bytes_; }
  std::string take() noexcept { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads them. After the first thing that is not there, everything is 0 and empty, and ok() is
// false.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : left_(bytes) {}

  template <class Number>
  Number number() {
    const std::string_view bytes = raw(sizeof(Number));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return static_cast<Number>(value);
  }
  std::string_view text(std::size_t max_size) {
    const auto size = number<std::uint32_t>();
    if (size > max_size) return fail();
    return raw(size);
  }
  std::string_view raw(std::size_t size) {
    if (!ok_ || left_.size() < size) return fail();
    const std::string_view bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }
  // How many things follow, each of at least `min_bytes`: a count that the rest cannot hold is
  // none.
  std::uint32_t count(std::size_t min_bytes) {
    const auto count = number<std::uint32_t>();
    if (count > left_.size() / min_bytes) ok_ = false;
    return ok_ ? count : 0;
  }

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return ok_ && left_.empty(); }

 private:
  std::string_view fail() {
    ok_ = false;
    left_ = {};
    return {};
  }

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace sorrel::enrich
