// Sockets and the older kinds of inter-process communication.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>

#include "workload.h"

namespace workload {
namespace {

// The kernel records the address as the process gave it, before it looks at the family: one socket
// does for all of them.
void connect_to(const void* address, std::size_t size) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  (void)!connect(fd, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size));
  close(fd);
}

void internet_addresses() {
  for (const char* text : {"127.0.0.1", "203.0.113.9", "255.255.255.255", "0.0.0.0"}) {
    sockaddr_in four = {};
    four.sin_family = AF_INET;
    four.sin_port = htons(4444);
    inet_pton(AF_INET, text, &four.sin_addr);
    connect_to(&four, sizeof four);
  }
  for (const char* text : {"::1", "2001:db8::7", "fe80::1", "::ffff:192.0.2.1"}) {
    sockaddr_in6 six = {};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(443);
    six.sin6_scope_id = 1;
    six.sin6_flowinfo = htonl(0x12345);
    inet_pton(AF_INET6, text, &six.sin6_addr);
    connect_to(&six, sizeof six);
  }
}

void unix_addresses() {
  const auto connect_unix = [](const char* path, std::size_t size) {
    sockaddr_un local = {};
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, path, size);
    connect_to(&local, offsetof(sockaddr_un, sun_path) + size);
  };
  connect_unix("/run/with space", 16);
  connect_unix("/run/\xff\xfe", 8);
  connect_unix("\0abstract \"name\"\0more", 21);
  connect_unix("", 0);
  char full[108];
  std::memset(full, 'u', sizeof full);
  connect_unix(full, sizeof full);
}

}  // namespace

void socket_addresses() {
  internet_addresses();
  unix_addresses();
  sockaddr_nl netlink = {};
  netlink.nl_family = AF_NETLINK;
  netlink.nl_pid = 42;
  netlink.nl_groups = 3;
  connect_to(&netlink, sizeof netlink);
  sockaddr_ll packet = {};
  packet.sll_family = AF_PACKET;
  packet.sll_protocol = htons(0x0800);
  packet.sll_ifindex = 1;
  packet.sll_halen = 6;
  connect_to(&packet, sizeof packet);
  sockaddr_vm machine = {};
  machine.svm_family = AF_VSOCK;
  machine.svm_cid = 3;
  machine.svm_port = 1024;
  connect_to(&machine, sizeof machine);
  for (std::uint16_t family = 0; family < 47; ++family) {
    unsigned char bytes[24] = {};
    std::memcpy(bytes, &family, sizeof family);
    for (std::size_t i = 2; i < sizeof bytes; ++i) bytes[i] = static_cast<unsigned char>(i);
    connect_to(bytes, sizeof bytes);
  }
  for (std::size_t size : {1U, 2U, 3U, 7U, 15U, 128U}) {
    unsigned char bytes[128] = {AF_INET, 0, 0, 80};
    connect_to(bytes, size);
  }
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in any = {};
  any.sin_family = AF_INET;
  any.sin_port = htons(8080);
  (void)!bind(listener, reinterpret_cast<sockaddr*>(&any), sizeof any);
  (void)!sendto(listener, "x", 1, 0, reinterpret_cast<sockaddr*>(&any), sizeof any);
}

void socket_pairs() {
  int pair[2];
  (void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  (void)!pipe(pair);
  (void)!pipe2(pair, O_CLOEXEC);
}

void message_queues() {
  mq_attr attributes = {};
  attributes.mq_maxmsg = 4;
  attributes.mq_msgsize = 64;
  const mqd_t queue = mq_open("/audit-queue", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attributes);
  const timespec deadline = {};
  char text[64];
  unsigned priority = 0;
  mq_timedsend(queue, "hello", 5, 7, &deadline);
  mq_timedreceive(queue, text, sizeof text, &priority, &deadline);
  attributes.mq_flags = O_NONBLOCK;
  mq_setattr(queue, &attributes, nullptr);
  sigevent event = {};
  event.sigev_notify = SIGEV_NONE;
  mq_notify(queue, &event);
  mq_close(queue);
  mq_unlink("/audit-queue");
}

void shared_memory() {
  const int id = shmget(0x5eed, 4'096, IPC_CREAT | 0600);
  shmid_ds status = {};
  shmctl(id, IPC_STAT, &status);
  status.shm_perm.mode = 0666;
  status.shm_perm.uid = 1'000;
  shmctl(id, IPC_SET, &status);
  shmctl(id, IPC_RMID, nullptr);
}

void promiscuous_interface() {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  ifreq request = {};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) return;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_PROMISC);
  ioctl(fd, SIOCSIFFLAGS, &request);
  request.ifr_flags = static_cast<short>(request.ifr_flags & ~IFF_PROMISC);
  ioctl(fd, SIOCSIFFLAGS, &request);
}

}  // namespace workload
