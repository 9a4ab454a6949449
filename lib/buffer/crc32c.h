#pragma once

#include <cstdint>
#include <string_view>

namespace sorrel::buffer {

// CRC32C (Castagnoli), the checksum of iSCSI and ext4, with the processor's instruction where it
// has one. `seed` is the checksum of what came before, so that parts can be added up; 0 at the
// beginning. Source: RFC 3720, appendix B.4.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0) noexcept;

// The same without the instruction: for other processors, and to compare with.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t seed = 0) noexcept;

}  // namespace sorrel::buffer
