// Records the kernel's audit stream of a test guest as it is: a reader of the multicast group, so
// that a real auditd can run beside it. Ends on SIGTERM, after what is still queued.
//
//   guest_record FILE
//
// Format: "AUDREC1\n", then for each record, little-endian, no padding: u32 payload bytes, u16
// netlink type, u16 netlink flags, u64 receive time in ns since the epoch, the payload.
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

constexpr int kReceiveBuffer = 64 << 20;
volatile std::sig_atomic_t stop = 0;

int open_socket() {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  const int group = AUDIT_NLGRP_READLOG;
  if (fd < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer) ||
      bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) ||
      setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group)) {
    std::perror("guest_record: audit socket");
    return -1;
  }
  return fd;
}

void put(std::FILE* file, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) std::fputc(static_cast<int>(value >> (8 * i) & 0xff), file);
}

std::uint64_t now_ns() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: guest_record FILE\n", stderr);
    return 2;
  }
  const int fd = open_socket();
  std::FILE* file = fd < 0 ? nullptr : std::fopen(argv[1], "wb");
  if (file == nullptr) return 1;
  std::fputs("AUDREC1\n", file);
  struct sigaction action = {};
  action.sa_handler = [](int) { stop = 1; };
  sigaction(SIGTERM, &action, nullptr);

  alignas(nlmsghdr) static std::array<char, 65536> buffer;
  unsigned long records = 0;
  for (;;) {
    const ssize_t size = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) {
      if (stop != 0) break;
      pollfd wait = {fd, POLLIN, 0};
      poll(&wait, 1, 100);
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    if (size < static_cast<ssize_t>(NLMSG_HDRLEN)) {
      std::perror("guest_record: records were lost");
      return 1;
    }
    nlmsghdr header;
    std::memcpy(&header, buffer.data(), sizeof header);
    const auto payload = static_cast<std::size_t>(size) - NLMSG_HDRLEN;
    put(file, payload, 4);
    put(file, header.nlmsg_type, 2);
    put(file, header.nlmsg_flags, 2);
    put(file, now_ns(), 8);
    std::fwrite(buffer.data() + NLMSG_HDRLEN, 1, payload, file);
    ++records;
  }
  std::printf("guest_record: %lu records\n", records);
  return std::fclose(file) == 0 ? 0 : 1;
}
