#pragma once

#include <cstddef>
#include <cstdint>

namespace sorrel::buffer {

// Numbers in files are little-endian whatever the machine: a buffer can be looked at elsewhere.
template <class T>
void put_little(char* out, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out[i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
}

template <class T>
T get_little(const char* in) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(static_cast<unsigned char>(in[i])) << (8 * i));
  }
  return value;
}

}  // namespace sorrel::buffer
