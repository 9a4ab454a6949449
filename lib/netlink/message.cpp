#include "netlink/message.h"

#include <cstring>

#include "base/check.h"

namespace sorrel::netlink {
namespace {

template <class T>
void put(std::span<std::byte> at, T value) noexcept {
  std::memcpy(at.data(), &value, sizeof value);
}

template <class T>
T get(std::span<const std::byte> at) noexcept {
  T value;
  std::memcpy(&value, at.data(), sizeof value);
  return value;
}

}  // namespace

Request::Request(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence,
                 std::span<const std::byte> payload) noexcept
    : size_(kHeaderBytes + payload.size()) {
  SORREL_CHECK(size_ <= bytes_.size(), "a netlink request beyond its limit");
  const std::span<std::byte> out(bytes_);
  put(out, static_cast<std::uint32_t>(size_));
  put(out.subspan(4), type);
  put(out.subspan(6), static_cast<std::uint16_t>(flags | kFlagRequest));
  put(out.subspan(8), sequence);
  put(out.subspan(12), std::uint32_t{0});
  if (!payload.empty()) std::memcpy(out.data() + kHeaderBytes, payload.data(), payload.size());
}

Header read_header(std::span<const std::byte> datagram) noexcept {
  Header header;
  header.length = get<std::uint32_t>(datagram);
  header.type = get<std::uint16_t>(datagram.subspan(4));
  header.flags = get<std::uint16_t>(datagram.subspan(6));
  header.sequence = get<std::uint32_t>(datagram.subspan(8));
  header.port = get<std::uint32_t>(datagram.subspan(12));
  return header;
}

bool read_error(std::span<const std::byte> payload, int& error_number,
                std::uint32_t& sequence) noexcept {
  // struct nlmsgerr: the negated errno, then the header of the request. Above 0 it is an answer:
  // the value that a counter had before AUDIT_SET took it back to 0.
  if (payload.size() < sizeof(std::int32_t) + kHeaderBytes) return false;
  const auto code = get<std::int32_t>(payload);
  error_number = code > 0 ? 0 : code > -4096 ? -code : code;
  sequence = read_header(payload.subspan(sizeof(std::int32_t))).sequence;
  return true;
}

}  // namespace sorrel::netlink
