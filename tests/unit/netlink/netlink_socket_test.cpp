#include "netlink/netlink_socket.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "catch.h"
#include "netlink/control_socket.h"
#include "netlink/event_socket.h"
#include "netlink/message.h"

using namespace sorrel;
using namespace sorrel::netlink;

namespace {

// A process that plays the kernel: NETLINK_USERSOCK carries datagrams between any two sockets.
class Peer {
 public:
  Peer() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK)) {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    socklen_t length = sizeof address;
    ok_ = fd_ && ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), length) == 0 &&
          ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0;
    port_ = address.nl_pid;
  }
  bool ok() const { return ok_; }
  std::uint32_t port() const { return port_; }

  // The errno; 0 when it was queued.
  int send_to(std::uint32_t port, std::uint16_t type, std::string_view payload) const {
    std::vector<std::byte> bytes(kHeaderBytes + payload.size());
    const auto length = static_cast<std::uint32_t>(payload.size());  // the kernel's quirk
    std::memcpy(bytes.data(), &length, sizeof length);
    std::memcpy(bytes.data() + 4, &type, sizeof type);
    std::memcpy(bytes.data() + kHeaderBytes, payload.data(), payload.size());
    sockaddr_nl to{};
    to.nl_family = AF_NETLINK;
    to.nl_pid = port;
    const ssize_t sent = ::sendto(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT,
                                  reinterpret_cast<sockaddr*>(&to), sizeof to);
    return sent < 0 ? errno : 0;
  }

 private:
  Fd fd_;
  bool ok_ = false;
  std::uint32_t port_ = 0;
};

std::unique_ptr<NetlinkSocket> open_usersock(const SocketOptions& options = {}) {
  auto socket = NetlinkSocket::adopt(Fd(::socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK)), options);
  REQUIRE(socket);
  return std::move(*socket);
}

bool usersock_works() {
  const Peer peer;
  if (!peer.ok()) WARN("skipped: this system has no NETLINK_USERSOCK");
  return peer.ok();
}

}  // namespace

TEST_CASE("an adopted socket is non-blocking, close-on-exec and has an address", "[netlink]") {
  if (!usersock_works()) return;
  const auto socket = open_usersock();
  CHECK((::fcntl(socket->fd(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(socket->fd(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(socket->port_id() != 0);
  const auto nothing = socket->receive();
  REQUIRE(nothing);
  CHECK(nothing->empty());
  const auto ready = socket->wait_readable(0);
  REQUIRE(ready);
  CHECK_FALSE(*ready);
}

TEST_CASE("what is no netlink socket is refused", "[netlink]") {
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
  Fd other(pair[1]);
  const auto socket = NetlinkSocket::adopt(Fd(pair[0]), {});
  REQUIRE_FALSE(socket);
  CHECK(socket.error().code == std::errc::wrong_protocol_type);
  CHECK_FALSE(NetlinkSocket::adopt(Fd(), {}));
}

TEST_CASE("records cross a real netlink socket in batches, in order and unchanged", "[netlink]") {
  if (!usersock_works()) return;
  const Peer peer;
  auto socket = open_usersock({.receive_buffer_bytes = 4u << 20});
  const std::uint32_t port = socket->port_id();
  EventSocket events(std::move(socket), peer.port());
  constexpr std::size_t kCount = 150;  // 64 + 64 + 22
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < kCount; ++i) {
    sent.push_back("audit(1.000:" + std::to_string(i) + "): " + std::string(i * 57, 'x'));
    REQUIRE(peer.send_to(port, 1300, sent.back()) == 0);
  }
  std::vector<std::string> got;
  std::size_t calls = 0;
  for (bool drained = false; !drained; ++calls) {
    const auto received = events.receive();
    REQUIRE(received);
    for (const Message& m : received->messages) {
      CHECK(m.type == 1300);
      got.emplace_back(m.payload);
    }
    drained = received->drained;
  }
  CHECK(got == sent);
  CHECK(calls == 3);
  CHECK(events.counters().batches.value() == 3);
}

TEST_CASE("a datagram from a third socket is dropped", "[netlink]") {
  if (!usersock_works()) return;
  const Peer kernel;
  const Peer forger;
  auto socket = open_usersock();
  const std::uint32_t port = socket->port_id();
  EventSocket events(std::move(socket), kernel.port());
  REQUIRE(forger.send_to(port, 1300, "audit(1.000:1): forged") == 0);
  REQUIRE(kernel.send_to(port, 1300, "audit(1.000:2): real") == 0);
  const auto received = events.receive();
  REQUIRE(received);
  REQUIRE(received->messages.size() == 1);
  CHECK(received->messages[0].payload == "audit(1.000:2): real");
  CHECK(events.counters().foreign.value() == 1);
}

TEST_CASE("a datagram longer than its slot is cut and marked, the next one is whole", "[netlink]") {
  if (!usersock_works()) return;
  const Peer peer;
  auto socket = open_usersock({.slot_bytes = 100});
  const std::uint32_t port = socket->port_id();
  EventSocket events(std::move(socket), peer.port());
  REQUIRE(peer.send_to(port, 1309, std::string(500, 'y')) == 0);
  REQUIRE(peer.send_to(port, 1309, "audit(1.000:2): short") == 0);
  const auto received = events.receive();
  REQUIRE(received);
  REQUIRE(received->messages.size() == 2);
  CHECK(received->messages[0].truncated);
  CHECK(received->messages[0].payload == std::string(100 - kHeaderBytes, 'y'));
  CHECK_FALSE(received->messages[1].truncated);
  CHECK(received->messages[1].payload == "audit(1.000:2): short");
  CHECK(events.counters().truncated.value() == 1);
}

TEST_CASE("the receive buffer is what was asked for, or a warning says so", "[netlink]") {
  if (!usersock_works()) return;
  constexpr std::uint32_t kWanted = 16u << 20;
  const auto socket = open_usersock({.receive_buffer_bytes = kWanted});
  const auto memory = socket->memory();
  REQUIRE(memory);
  if (socket->warning().empty()) {
    CHECK(memory->limit_bytes == 2 * kWanted);
  } else {
    CHECK(memory->limit_bytes < 2 * kWanted);
    CHECK_THAT(socket->warning(), Catch::Matchers::Contains("net.core.rmem_max"));
  }
}

TEST_CASE("the memory of the socket shows what waits in it", "[netlink]") {
  if (!usersock_works()) return;
  const Peer peer;
  const auto socket = open_usersock({.receive_buffer_bytes = 8'192});
  CHECK(socket->memory()->used_bytes == 0);
  int sent = 0;
  while (peer.send_to(socket->port_id(), 1300, std::string(500, 'z')) == 0) {
    REQUIRE(++sent < 1'000);
  }
  CHECK(sent > 0);
  CHECK(socket->memory()->used_bytes > 0);
  REQUIRE(socket->wait_readable(0));
  const auto raw = socket->receive();
  REQUIRE(raw);
  CHECK(raw->size() == static_cast<std::size_t>(sent));
  CHECK(socket->memory()->used_bytes == 0);
}

TEST_CASE("this machine's kernel answers AUDIT_GET, or says why not", "[netlink]") {
  auto socket = NetlinkSocket::open({});
  if (!socket) {
    WARN("skipped: " << socket.error().to_string());
    return;
  }
  const SystemClock clock;
  ControlSocket control(std::move(*socket), clock);
  const auto status = control.status();
  if (!status) {
    CHECK(status.error().code != std::errc::timed_out);
    WARN("skipped: " << status.error().to_string());
    return;
  }
  CHECK(status->enabled <= 2);
  CHECK(status->failure <= 2);
}

TEST_CASE("the multicast group can be joined and left, or the error says what it takes",
          "[netlink]") {
  auto socket = NetlinkSocket::open({});
  if (!socket) {
    WARN("skipped: " << socket.error().to_string());
    return;
  }
  const auto joined = (*socket)->join_readlog();
  if (!joined) {
    CHECK_THAT(joined.error().message, Catch::Matchers::Contains("CAP_AUDIT_READ"));
    return;
  }
  CHECK((*socket)->leave_readlog());
}
