#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "netlink/audit_socket.h"

namespace sorrel::netlink {

// How a NetlinkSocket is set up.
struct SocketOptions {
  std::uint32_t receive_buffer_bytes = 0;  // 0 leaves the system's default
  std::size_t batch = 64;                  // datagrams a system call
  // The longest record seen is 7,536 bytes, libaudit's limit for a message 8,970.
  std::size_t slot_bytes = 9'000;
};

// A netlink socket of the kernel. Its buffers are allocated once; receive() is one recvmmsg().
class NetlinkSocket final : public AuditSocket {
 public:
  // Opens and binds a NETLINK_AUDIT socket: close-on-exec, non-blocking, NETLINK_NO_ENOBUFS (an
  // overrun must not close the socket to systemd's descriptor store; serials and counters show it).
  // Errors: EPROTONOSUPPORT when the kernel has no audit.
  static Result<std::unique_ptr<NetlinkSocket>> open(const SocketOptions& options);
  // The same for a socket that is open already: inherited, from systemd, or of another netlink
  // protocol in a test. It is made non-blocking and close-on-exec.
  static Result<std::unique_ptr<NetlinkSocket>> adopt(Fd fd, const SocketOptions& options);

  ~NetlinkSocket() override;
  NetlinkSocket(const NetlinkSocket&) = delete;
  NetlinkSocket& operator=(const NetlinkSocket&) = delete;

  Status send(std::span<const std::byte> message) override;
  Result<std::span<const RawDatagram>> receive() override;
  std::size_t batch_size() const noexcept override { return raw_.size(); }
  Result<bool> wait_readable(std::uint32_t timeout_ms) override;
  Status join_readlog() override;
  Status leave_readlog() override;
  Result<SocketMemory> memory() const override;
  int fd() const noexcept override { return fd_.get(); }

  // Our address as the kernel sees it (nl_pid of what we send).
  std::uint32_t port_id() const noexcept { return port_id_; }
  // What was asked for and not granted, for the log; empty when all was.
  const std::string& warning() const noexcept { return warning_; }

 private:
  struct Buffers;  // the arrays that recvmmsg() wants

  NetlinkSocket(Fd fd, const SocketOptions& options);
  Status set_up();
  void set_receive_buffer(std::uint32_t bytes);

  Fd fd_;
  std::uint32_t port_id_ = 0;
  std::string warning_;
  std::vector<RawDatagram> raw_;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace sorrel::netlink
