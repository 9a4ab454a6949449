#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sorrel::input {

// A recording of the audit socket's datagrams (".audrec"), little-endian, without padding:
//   8 bytes "AUDREC1\n", then records of
//   u32 payload size | u16 nlmsg_type | u16 nlmsg_flags | u64 receive time, ns since the epoch |
//   payload: what followed the nlmsghdr in the datagram
inline constexpr std::string_view kAudrecMagic = "AUDREC1\n";
// What every version of the format begins with.
inline constexpr std::string_view kAudrecFamily = "AUDREC";
inline constexpr std::size_t kAudrecHeaderBytes = 16;
// No datagram of the kernel is longer than 9 KiB (linux/audit.h, AUDIT_MESSAGE_TEXT_MAX); a longer
// payload means that the recording is damaged.
inline constexpr std::size_t kMaxAudrecPayloadBytes = 64u << 10;

struct AudrecHeader {
  std::uint32_t payload_bytes = 0;
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint64_t received_ns = 0;

  friend bool operator==(const AudrecHeader&, const AudrecHeader&) = default;
};

// `bytes` holds at least kAudrecHeaderBytes.
AudrecHeader load_audrec_header(const char* bytes) noexcept;
void store_audrec_header(const AudrecHeader& header, char* bytes) noexcept;

}  // namespace sorrel::input
