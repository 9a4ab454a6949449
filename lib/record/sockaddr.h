#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sorrel::record {

// One pair of a decoded socket address.
struct SockAddrField {
  enum class Kind : std::uint8_t {
    text,        // ASCII that needs no escaping
    bytes,       // what the program chose, a path or a name: any bytes
    number,      // decimal
    hex_number,  // to be shown as "0x11"
  };
  std::string_view key;   // lives for ever
  std::string_view text;  // for text and bytes; lives as long as the SockAddr and the raw bytes
  std::int64_t number = 0;
  Kind kind = Kind::text;
};

// A socket address, taken apart. Neither copied nor moved: fields view its own buffer.
struct SockAddr {
  enum class State : std::uint8_t {
    ok,
    too_short,       // the program gave fewer bytes than the family's address needs
    unknown_family,  // the layout depends on more than the family, or is not known here
  };
  static constexpr std::size_t kMaxFields = 6;
  static constexpr std::size_t kMaxText = 48;  // an IPv6 address has at most 45 characters

  SockAddr() = default;
  SockAddr(const SockAddr&) = delete;
  SockAddr& operator=(const SockAddr&) = delete;

  std::span<const SockAddrField> fields() const noexcept { return {field, field_count}; }

  State state = State::too_short;
  int family = -1;  // AF_*, or -1 when not even that is there
  // A local socket's path is no path but a name in the abstract name space (unix(7)).
  bool is_abstract = false;
  // LAUREL 0.8.2 decodes these bytes, too: it wants the whole struct, and knows fewer families (see
  // below). Otherwise its JSON has the raw bytes.
  bool is_decoded_by_laurel = false;
  std::size_t field_count = 0;
  SockAddrField field[kMaxFields];
  std::array<char, kMaxText> buffer;
};

// Decodes the bytes of a struct sockaddr as a SOCKADDR record has them (after its hex was decoded)
// into `out`. `big_endian` is the byte order of the machine that wrote them (is_big_endian(arch)).
// When out.state is not ok there is saddr_fam alone ("unknown(99)" for a number without a name),
// or, without the two bytes of it, no field. Fields come in the order and under the names of
// LAUREL's SADDR object, "saddr_fam" first:
//   local     path: up to its NUL; without the one that begins an abstract name, which may have
//             more of them inside; empty for an unnamed socket
//   inet      addr, port
//   inet6     addr (RFC 5952), port, flowinfo, scope_id (missing in the 24-byte form of RFC 2133)
//   netlink   pid, groups (hex)
//   vsock     cid, port
//   ax25      call
//   atmpvc    itf, vpi, vci
//   x25       addr
//   ipx       network (hex), node, port, type
// and, where LAUREL has none, in the order and under the names of the kernel's struct:
//   unspec    nothing
//   packet    protocol, ifindex, hatype, pkttype, addr
//   can       ifindex (what follows it depends on the protocol)
//   alg       type, name
//   nfc       dev_idx, target_idx, nfc_protocol
//   qipcrtr   node, port
//   xdp       flags, ifindex, queue_id, shared_umem_fd
// Total: any bytes are fine. Sources: the sockaddr_* structs of linux/include/uapi/linux.
void decode_sockaddr(std::string_view raw, bool big_endian, SockAddr& out) noexcept;

}  // namespace sorrel::record
