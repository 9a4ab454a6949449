#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "record/datagram.h"
#include "record/scan.h"

namespace sorrel::record {

// parse_line() for one line after the other. It remembers how the lines of each type begin, up to
// "audit(", and compares with that first; the result never depends on what it remembers.
class LineParser {
 public:
  // `datagram` is as it was constructed.
  void parse_to(std::string_view line, Datagram& datagram) noexcept {
    // What ends with a control byte may not belong to the record to its end.
    if (line.size() >= kHeadBytes && line.back() >= ' ') [[likely]] {
      const Head& head = heads_[place(line.data())];
      if (equal_masked(line.data(), head.text.data(), head.masks[0]) &&
          equal_masked(line.data() + 16, head.text.data() + 16, head.masks[1])) [[likely]] {
        datagram.line = line;
        datagram.type = head.type;
        datagram.payload = {line.data() + head.payload_at, line.size() - head.payload_at};
        datagram.type_name = {line.data() + kNameAt, head.payload_at - kNameAt - kBehindName};
        return;
      }
    }
    parse_and_remember(line, datagram);
  }

 private:
  static constexpr std::size_t kHeadBytes = 32;
  static constexpr std::size_t kNameAt = 5;      // "type="
  static constexpr std::size_t kBehindName = 5;  // " msg="
  static constexpr unsigned kPlaceBits = 7;

  // Nothing is known at first: the bit for a byte that does not exist never matches.
  struct alignas(64) Head {
    std::array<char, kHeadBytes> text{};
    std::uint32_t masks[2] = {1u << 16, 1u << 16};  // a bit for each byte of a half of the text
    std::uint32_t payload_at = 0;
    RecordType type = 0;
  };

  // The multiplier is one that lets the kernel's usual types meet in no place.
  static std::size_t place(const char* line) noexcept {
    std::uint64_t words[2];
    std::memcpy(words, line + kNameAt, sizeof words);
    return ((words[0] ^ words[1]) * 0x9fb21c651e98df25u) >> (64 - kPlaceBits);
  }
  void parse_and_remember(std::string_view line, Datagram& datagram) noexcept;

  std::array<Head, std::size_t{1} << kPlaceBits> heads_{};
};

}  // namespace sorrel::record
