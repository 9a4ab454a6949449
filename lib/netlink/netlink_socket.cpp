#include "netlink/netlink_socket.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

namespace sorrel::netlink {
namespace {

// Headers of older distributions lack some of these; the numbers are the kernel's interface.
constexpr int kSolNetlink = 270;
constexpr int kSoMeminfo = 55;
constexpr int kReadlogGroup = 1;

sockaddr_nl kernel_address() noexcept {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  return address;
}

sockaddr* as_sockaddr(sockaddr_nl* address) noexcept {
  return reinterpret_cast<sockaddr*>(address);
}

bool set_int(int fd, int level, int option, int value) noexcept {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

// recvmmsg() wants an array of headers that point to arrays of everything else.
struct NetlinkSocket::Buffers {
  explicit Buffers(const SocketOptions& options)
      : slot_bytes(options.slot_bytes),
        bytes(std::make_unique<std::byte[]>(options.batch * options.slot_bytes)),
        headers(options.batch),
        parts(options.batch),
        senders(options.batch) {
    for (std::size_t i = 0; i < options.batch; ++i) {
      parts[i] = {.iov_base = bytes.get() + i * slot_bytes, .iov_len = slot_bytes};
      msghdr& header = headers[i].msg_hdr;
      header.msg_name = &senders[i];
      header.msg_namelen = sizeof senders[i];
      header.msg_iov = &parts[i];
      header.msg_iovlen = 1;
    }
  }

  std::size_t slot_bytes;
  std::unique_ptr<std::byte[]> bytes;
  std::vector<mmsghdr> headers;
  std::vector<iovec> parts;
  std::vector<sockaddr_nl> senders;
};

NetlinkSocket::NetlinkSocket(Fd fd, const SocketOptions& options)
    : fd_(std::move(fd)), raw_(options.batch), buffers_(std::make_unique<Buffers>(options)) {}

NetlinkSocket::~NetlinkSocket() = default;

Result<std::unique_ptr<NetlinkSocket>> NetlinkSocket::open(const SocketOptions& options) {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT));
  if (!fd) {
    return fail_errno(errno,
                      "cannot open an audit socket: the kernel needs CONFIG_AUDIT, and a sandbox "
                      "must allow AF_NETLINK");
  }
  return adopt(std::move(fd), options);
}

Result<std::unique_ptr<NetlinkSocket>> NetlinkSocket::adopt(Fd fd, const SocketOptions& options) {
  std::unique_ptr<NetlinkSocket> socket(new NetlinkSocket(std::move(fd), options));
  if (auto set = socket->set_up(); !set) return Unexpected<Error>(std::move(set).error());
  if (options.receive_buffer_bytes != 0) socket->set_receive_buffer(options.receive_buffer_bytes);
  return socket;
}

Status NetlinkSocket::set_up() {
  const int fd = fd_.get();
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
      ::fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
    return fail_errno(errno,
                      "cannot set up the audit socket (descriptor " + std::to_string(fd) + ")");
  }
  sockaddr_nl address = kernel_address();
  socklen_t length = sizeof address;
  if (::getsockname(fd, as_sockaddr(&address), &length) < 0) {
    return fail_errno(errno, "the audit socket has no address");
  }
  if (address.nl_family != AF_NETLINK) {
    return fail(std::errc::wrong_protocol_type,
                "descriptor " + std::to_string(fd) + " is no netlink socket");
  }
  if (address.nl_pid == 0) {  // not bound yet; the kernel chooses the port
    address = kernel_address();
    if (::bind(fd, as_sockaddr(&address), sizeof address) < 0 ||
        ::getsockname(fd, as_sockaddr(&address), &length) < 0) {
      return fail_errno(errno, "cannot bind the audit socket");
    }
  }
  port_id_ = address.nl_pid;
  if (!set_int(fd, kSolNetlink, NETLINK_NO_ENOBUFS, 1)) {
    warning_ = "NETLINK_NO_ENOBUFS is not supported; overruns will be reported as errors";
  }
  return Ok{};
}

void NetlinkSocket::set_receive_buffer(std::uint32_t bytes) {
  const int wanted =
      static_cast<int>(std::min<std::uint32_t>(bytes, std::numeric_limits<int>::max() / 2));
  if (set_int(fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, wanted)) return;
  set_int(fd_.get(), SOL_SOCKET, SO_RCVBUF, wanted);
  const auto granted = memory();
  const std::uint32_t limit = granted ? granted->limit_bytes / 2 : 0;
  if (limit >= bytes) return;
  warning_ = "the receive buffer is " + std::to_string(limit) + " bytes instead of " +
             std::to_string(bytes) + ": give the daemon CAP_NET_ADMIN, or raise net.core.rmem_max";
}

Status NetlinkSocket::send(std::span<const std::byte> message) {
  sockaddr_nl kernel = kernel_address();
  for (;;) {
    const ssize_t sent = ::sendto(fd_.get(), message.data(), message.size(), MSG_NOSIGNAL,
                                  as_sockaddr(&kernel), sizeof kernel);
    if (sent >= 0) return Ok{};
    if (errno != EINTR) return fail_errno(errno, "cannot send to the kernel's audit subsystem");
  }
}

Result<std::span<const RawDatagram>> NetlinkSocket::receive() {
  std::vector<mmsghdr>& headers = buffers_->headers;
  int count;
  do {
    count = ::recvmmsg(fd_.get(), headers.data(), static_cast<unsigned>(headers.size()),
                       MSG_DONTWAIT, nullptr);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    if (errno == EAGAIN) return std::span<const RawDatagram>();
    return fail_errno(errno, "cannot read from the audit socket");
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    msghdr& header = headers[i].msg_hdr;
    const sockaddr_nl& sender = buffers_->senders[i];
    raw_[i] = {.bytes = {buffers_->bytes.get() + i * buffers_->slot_bytes, headers[i].msg_len},
               .sender_port = sender.nl_pid,
               .multicast = sender.nl_groups != 0,
               .truncated = (header.msg_flags & MSG_TRUNC) != 0};
    header.msg_namelen = sizeof sender;
  }
  return std::span<const RawDatagram>(raw_.data(), static_cast<std::size_t>(count));
}

Result<bool> NetlinkSocket::wait_readable(std::uint32_t timeout_ms) {
  pollfd poll_fd{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  const int ready = ::poll(
      &poll_fd, 1,
      static_cast<int>(std::min<std::uint32_t>(timeout_ms, std::numeric_limits<int>::max())));
  if (ready < 0 && errno != EINTR) return fail_errno(errno, "cannot wait for the audit socket");
  return ready > 0;
}

Status NetlinkSocket::join_readlog() {
  if (set_int(fd_.get(), kSolNetlink, NETLINK_ADD_MEMBERSHIP, kReadlogGroup)) return Ok{};
  return fail_errno(errno,
                    "cannot join the audit multicast group (AUDIT_NLGRP_READLOG): it takes "
                    "CAP_AUDIT_READ in the host's user namespace, and Linux 3.16");
}

Status NetlinkSocket::leave_readlog() {
  if (set_int(fd_.get(), kSolNetlink, NETLINK_DROP_MEMBERSHIP, kReadlogGroup)) return Ok{};
  return fail_errno(errno, "cannot leave the audit multicast group");
}

Result<SocketMemory> NetlinkSocket::memory() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> values{};
  socklen_t length = sizeof values;
  if (::getsockopt(fd_.get(), SOL_SOCKET, kSoMeminfo, values.data(), &length) < 0) {
    return fail_errno(errno, "cannot read the audit socket's memory (SO_MEMINFO, Linux 4.12)");
  }
  return SocketMemory{.used_bytes = values[SK_MEMINFO_RMEM_ALLOC],
                      .limit_bytes = values[SK_MEMINFO_RCVBUF],
                      .drops = values[SK_MEMINFO_DROPS]};
}

}  // namespace sorrel::netlink
