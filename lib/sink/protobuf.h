#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sorrel::sink::protobuf {

// The wire format of protocol buffers, as far as OTLP's logs need it.
// Source: protobuf.dev, "Encoding".

inline void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  out += static_cast<char>(value);
}

inline std::size_t varint_size(std::uint64_t value) noexcept {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

inline void append_number(std::string& out, std::uint32_t field, std::uint64_t value) {
  append_varint(out, field << 3);
  append_varint(out, value);
}

inline void append_fixed64(std::string& out, std::uint32_t field, std::uint64_t value) {
  append_varint(out, field << 3 | 1);
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift & 0xff);
}

inline void append_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
  append_varint(out, field << 3 | 2);
  append_varint(out, bytes.size());
  out.append(bytes);
}

// The size of the same, its tag of one byte (fields 1 to 15) included.
inline std::size_t bytes_size(std::size_t size) noexcept {
  return 1 + varint_size(size) + size;
}

// Reads the fields of a message one after the other. Total over any bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  // The next field; false at the end, and at what is no field: is_good() tells which.
  bool next() noexcept {
    if (rest_.empty()) return false;
    const auto tag = varint();
    if (!tag || *tag >> 3 == 0 || *tag >> 32 != 0) return spoil();
    field_ = static_cast<std::uint32_t>(*tag >> 3);
    bytes_ = {};
    number_ = 0;
    type_ = *tag & 7;
    switch (type_) {
      case 0: {
        const auto value = varint();
        if (!value) return spoil();
        number_ = *value;
        return true;
      }
      case 1:
        return skip(8);
      case 2: {
        const auto size = varint();
        if (!size || *size > rest_.size()) return spoil();
        bytes_ = rest_.substr(0, *size);
        rest_.remove_prefix(*size);
        return true;
      }
      case 5:
        return skip(4);
      default:
        return spoil();  // groups are of the past
    }
  }
  bool is_good() const noexcept { return is_good_; }
  bool is_number(std::uint32_t field) const noexcept { return field_ == field && type_ == 0; }
  bool is_bytes(std::uint32_t field) const noexcept { return field_ == field && type_ == 2; }
  std::uint64_t number() const noexcept { return number_; }
  std::string_view bytes() const noexcept { return bytes_; }

 private:
  std::optional<std::uint64_t> varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  bool skip(std::size_t size) noexcept {
    if (rest_.size() < size) return spoil();
    rest_.remove_prefix(size);
    return true;
  }
  bool spoil() noexcept {
    is_good_ = false;
    rest_ = {};
    return false;
  }

  std::string_view rest_;
  std::string_view bytes_;
  std::uint64_t number_ = 0;
  std::uint64_t type_ = 0;
  std::uint32_t field_ = 0;
  bool is_good_ = true;
};

}  // namespace sorrel::sink::protobuf
