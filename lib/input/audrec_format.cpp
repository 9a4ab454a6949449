#include "input/audrec_format.h"

#include <concepts>

namespace sorrel::input {
namespace {

// Compilers make one load of these loops on little-endian machines.
template <std::unsigned_integral T>
T load(const char* bytes) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    const T byte = static_cast<unsigned char>(bytes[i]);
    value = static_cast<T>(value | static_cast<T>(byte << (8 * i)));
  }
  return value;
}

template <std::unsigned_integral T>
void store(T value, char* bytes) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
}

}  // namespace

AudrecHeader load_audrec_header(const char* bytes) noexcept {
  return {load<std::uint32_t>(bytes), load<std::uint16_t>(bytes + 4),
          load<std::uint16_t>(bytes + 6), load<std::uint64_t>(bytes + 8)};
}

void store_audrec_header(const AudrecHeader& header, char* bytes) noexcept {
  store(header.payload_bytes, bytes);
  store(header.type, bytes + 4);
  store(header.flags, bytes + 6);
  store(header.received_ns, bytes + 8);
}

}  // namespace sorrel::input
