#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sorrel::sink {

// How events are put into messages of RFC 5424, for syslog and RELP.
struct SyslogFormatOptions {
  std::string host;            // HOSTNAME; empty: "-"
  std::string app = "sorrel";  // APP-NAME
  std::uint8_t facility = 13;  // log audit: RFC 5424 6.2.1
  // Of one message, its header included. An event that is longer goes in parts; see
  // syslog_format.h.
  std::size_t max_message_bytes = 64u << 10;

  friend bool operator==(const SyslogFormatOptions&, const SyslogFormatOptions&) = default;
};

struct SyslogOptions {
  SyslogFormatOptions format;
  // The protocol has no acknowledgement: what was written last is written again when a connection
  // ends without a good-bye. A frame counts as delivered when so many bytes were written behind it,
  // or so much time has passed.
  std::size_t replay_bytes = 16u << 20;
  std::chrono::milliseconds replay_time{10'000};
  std::chrono::milliseconds timeout{60'000};  // without any progress of a write

  friend bool operator==(const SyslogOptions&, const SyslogOptions&) = default;
};

// Over UDP (RFC 5426): a datagram a message.
struct UdpOptions {
  std::string address;  // HOST:PORT or [V6]:PORT
  // What receivers should take: RFC 5426 3.2. A datagram has room for 65507 bytes at the most.
  SyslogFormatOptions format{.host = {}, .app = "sorrel", .max_message_bytes = 2048};
  std::uint32_t rate = 2'000;  // messages a second, at most: nothing tells us to slow down
  std::chrono::milliseconds retry_min{1'000};
  std::chrono::milliseconds retry_max{60'000};

  friend bool operator==(const UdpOptions&, const UdpOptions&) = default;
};

struct RelpOptions {
  SyslogFormatOptions format;
  std::uint32_t window = 256;                 // messages that are not acknowledged yet, at most
  std::chrono::milliseconds timeout{60'000};  // for an acknowledgement

  friend bool operator==(const RelpOptions&, const RelpOptions&) = default;
};

}  // namespace sorrel::sink
