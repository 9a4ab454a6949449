#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sorrel::enrich {

// Remembers short texts that were searched in vain: most events of a process have the same title.
// A new one takes the place of another.
class CleanTexts {
 public:
  bool has(std::string_view text) const noexcept {
    const Entry& entry = entries_[place(text)];
    return entry.size == text.size() && !text.empty() &&
           std::memcmp(entry.bytes, text.data(), text.size()) == 0;
  }
  void add(std::string_view text) noexcept {
    if (text.size() > kLongest || text.empty()) return;
    Entry& entry = entries_[place(text)];
    entry.size = static_cast<std::uint32_t>(text.size());
    std::memcpy(entry.bytes, text.data(), text.size());
  }

 private:
  static constexpr std::size_t kLongest = 256;  // 128 bytes, in hex
  static constexpr std::size_t kEntries = 64;
  struct Entry {
    std::uint32_t size = 0;
    char bytes[kLongest];
  };

  // By the size and eight bytes at the end and in the middle: programs differ in their arguments.
  static std::size_t place(std::string_view text) noexcept {
    std::uint64_t tail = 0;
    std::uint64_t middle = 0;
    if (text.size() >= 8) {
      std::memcpy(&tail, text.data() + text.size() - 8, 8);
      std::memcpy(&middle, text.data() + (text.size() - 8) / 2, 8);
    }
    const std::uint64_t mixed = (tail ^ (middle << 1) ^ text.size()) * 0x9e3779b97f4a7c15u;
    return mixed >> 58;
  }
  static_assert(kEntries == 1u << (64 - 58));

  std::array<Entry, kEntries> entries_{};
};

}  // namespace sorrel::enrich
