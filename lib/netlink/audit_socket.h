#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace sorrel::netlink {

// One datagram as the socket gave it: the nlmsghdr and what follows. A view into the socket's
// buffers, valid until its next receive().
struct RawDatagram {
  std::span<const std::byte> bytes;
  std::uint32_t sender_port = 0;  // nl_pid of the sender; 0 is the kernel
  bool multicast = false;         // a copy from a multicast group
  bool truncated = false;         // longer than the socket's buffer: the end is missing
};

// What the kernel says about the receive queue of a socket (SO_MEMINFO).
struct SocketMemory {
  std::uint32_t used_bytes = 0;   // charged now; a small record costs about 900
  std::uint32_t limit_bytes = 0;  // the buffer in force: twice of what was asked for
  std::uint32_t drops = 0;        // deliveries refused since the socket was opened; wraps
};

// A netlink datagram socket of the audit family: the seam to the operating system. NetlinkSocket is
// the real one; tests put a model of the kernel behind it.
//
// receive() and wait_readable() belong to one thread. send(), the group functions and memory() may
// be called from another thread meanwhile: they touch nothing but the kernel's socket.
class AuditSocket {
 public:
  virtual ~AuditSocket() = default;

  // Sends one message, header included, to the kernel. The kernel has executed it on return. May
  // sleep in the kernel for backlog_wait_time while the backlog is over its limit (kernel/audit.c,
  // audit_receive()), so a thread that drains the event socket must not call it.
  virtual Status send(std::span<const std::byte> message) = 0;

  // Everything that one system call gives without waiting, oldest first; an empty span means that
  // nothing is queued. Valid until the next call. Errors: ENOBUFS when the kernel reports an
  // overrun (call again: the socket goes on), others when the socket is broken.
  virtual Result<std::span<const RawDatagram>> receive() = 0;

  // How many datagrams one receive() can give. Fewer mean that the queue was empty.
  virtual std::size_t batch_size() const noexcept = 0;

  // Waits until receive() has something. False after `timeout_ms` without.
  virtual Result<bool> wait_readable(std::uint32_t timeout_ms) = 0;

  // AUDIT_NLGRP_READLOG: copies of all records, beside whoever is registered. Needs
  // CAP_AUDIT_READ in the initial user namespace.
  virtual Status join_readlog() = 0;
  virtual Status leave_readlog() = 0;

  virtual Result<SocketMemory> memory() const = 0;

  // For epoll; -1 when there is none (a model).
  virtual int fd() const noexcept { return -1; }
};

}  // namespace sorrel::netlink
