#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sorrel {

// Writes the serials of events as decimal text. They follow each other, so all digits but the last
// two are those of the serial before, nearly always.
class SerialText {
 public:
  // What put() may write; the text, of 20 digits at the most, is the beginning of it.
  static constexpr std::size_t kRoom = 26;

  // Returns the end of the text.
  char* put(std::uint64_t serial, char* out) noexcept {
    const std::uint64_t hundreds = serial / 100;
    if (hundreds != hundreds_) [[unlikely]]
      begin(hundreds);
    if (hundreds == 0) [[unlikely]]
      return std::to_chars(out, out + kRoom, serial).ptr;
    std::memcpy(out, digits_, sizeof digits_);
    out += size_;
    const auto rest = static_cast<unsigned>(serial - hundreds * 100);
    out[0] = static_cast<char>('0' + rest / 10);
    out[1] = static_cast<char>('0' + rest % 10);
    return out + 2;
  }

 private:
  [[gnu::noinline]] void begin(std::uint64_t hundreds) noexcept {
    hundreds_ = hundreds;
    size_ = static_cast<std::size_t>(
        std::to_chars(digits_, digits_ + sizeof digits_, hundreds).ptr - digits_);
  }

  char digits_[24] = {};  // of hundreds_
  std::size_t size_ = 0;
  std::uint64_t hundreds_ = 0;
};

}  // namespace sorrel
