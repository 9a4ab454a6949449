#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sorrel::netlink {

// The wire format of netlink messages: a 16-byte nlmsghdr (length, type, flags, sequence, port), in
// the host's byte order, then the payload. Source: linux/netlink.h.
inline constexpr std::size_t kHeaderBytes = 16;
// The longest text of a user message that the kernel keeps is 8,560 bytes.
inline constexpr std::size_t kMaxMessageBytes = 8'970;

// Message types of the control protocol (linux/audit.h), and the two of netlink itself.
namespace message {
inline constexpr std::uint16_t kError = 2;  // NLMSG_ERROR; errno 0 is an acknowledgement
inline constexpr std::uint16_t kDone = 3;   // NLMSG_DONE: the end of a list
inline constexpr std::uint16_t kGet = 1000;
inline constexpr std::uint16_t kSet = 1001;
inline constexpr std::uint16_t kUser = 1005;
inline constexpr std::uint16_t kLogin = 1006;
inline constexpr std::uint16_t kSignalInfo = 1010;
inline constexpr std::uint16_t kAddRule = 1011;
inline constexpr std::uint16_t kDelRule = 1012;
inline constexpr std::uint16_t kListRules = 1013;
inline constexpr std::uint16_t kTrim = 1014;
inline constexpr std::uint16_t kMakeEquivalent = 1015;
inline constexpr std::uint16_t kSetFeature = 1018;
inline constexpr std::uint16_t kGetFeature = 1019;
inline constexpr std::uint16_t kTrustedApp = 1121;
inline constexpr std::uint16_t kReplace = 1329;
}  // namespace message

inline constexpr std::uint16_t kFlagRequest = 1;
inline constexpr std::uint16_t kFlagAck = 4;

struct Header {
  std::uint32_t length = 0;  // wrong in unicast event records: the payload's length alone
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t sequence = 0;
  std::uint32_t port = 0;
};

// A request, built in place. Larger payloads than fit are the caller's mistake and abort.
class Request {
 public:
  Request(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence,
          std::span<const std::byte> payload) noexcept;
  std::span<const std::byte> bytes() const noexcept { return {bytes_.data(), size_}; }

 private:
  alignas(4) std::array<std::byte, kMaxMessageBytes> bytes_;
  std::size_t size_ = 0;
};

// The header of a datagram of at least kHeaderBytes.
Header read_header(std::span<const std::byte> datagram) noexcept;

// The errno (positive; 0 is success) that an NLMSG_ERROR payload carries, and the sequence of the
// request it answers. False when the payload is too short.
bool read_error(std::span<const std::byte> payload, int& error_number,
                std::uint32_t& sequence) noexcept;

// True for types that are records for a log: the kernel's and user space's, not the replies of the
// control protocol.
constexpr bool is_record(std::uint16_t type) noexcept {
  return type == message::kUser || type == message::kLogin ||
         (type >= 1100 && type != message::kReplace);
}

}  // namespace sorrel::netlink
