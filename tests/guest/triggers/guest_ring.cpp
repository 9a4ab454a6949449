// Has io_uring do one of each operation that rules/audit/21-io-uring-ops.rules names, in the folder
// that is its argument. Exit status 1: this kernel makes no ring.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

class Ring {
 public:
  bool open() {
    descriptor_ = static_cast<int>(syscall(SYS_io_uring_setup, 4, &parameters_));
    if (descriptor_ < 0) return false;
    const std::size_t ring_bytes =
        parameters_.sq_off.array + parameters_.sq_entries * sizeof(std::uint32_t);
    ring_ = map(ring_bytes, IORING_OFF_SQ_RING);
    entries_ = map(parameters_.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES);
    return ring_ != MAP_FAILED && entries_ != MAP_FAILED;
  }

  // Hands one entry over and waits until it is done; what came of it does not matter.
  void run(const io_uring_sqe& entry) {
    std::uint32_t& tail = word(parameters_.sq_off.tail);
    const std::uint32_t slot = tail & word(parameters_.sq_off.ring_mask);
    std::memcpy(static_cast<io_uring_sqe*>(entries_) + slot, &entry, sizeof entry);
    (&word(parameters_.sq_off.array))[slot] = slot;
    __atomic_store_n(&tail, tail + 1, __ATOMIC_RELEASE);
    syscall(SYS_io_uring_enter, descriptor_, 1, 1, IORING_ENTER_GETEVENTS, nullptr, 0);
  }

 private:
  void* map(std::size_t size, off_t offset) const {
    return mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor_,
                offset);
  }
  std::uint32_t& word(std::uint32_t offset) const {
    return *static_cast<std::uint32_t*>(static_cast<void*>(static_cast<char*>(ring_) + offset));
  }

  io_uring_params parameters_ = {};
  int descriptor_ = -1;
  void* ring_ = nullptr;
  void* entries_ = nullptr;
};

std::uint64_t address(const void* pointer) {
  return std::bit_cast<std::uintptr_t>(pointer);
}

io_uring_sqe entry(std::uint8_t operation, int descriptor, const void* first, const void* second) {
  io_uring_sqe made = {};
  made.opcode = operation;
  made.fd = descriptor;
  made.addr = address(first);
  made.off = address(second);
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || chdir(argv[1]) != 0) return 2;
  Ring ring;
  if (!ring.open()) {
    std::perror("guest_ring");
    return 1;
  }
  io_uring_sqe open_file = entry(IORING_OP_OPENAT, AT_FDCWD, "ring-file", nullptr);
  open_file.len = 0644;
  open_file.open_flags = O_RDWR | O_CREAT;
  ring.run(open_file);
  open_how how = {};
  how.flags = O_RDONLY;
  io_uring_sqe open_again = entry(IORING_OP_OPENAT2, AT_FDCWD, "ring-file", &how);
  open_again.len = sizeof how;
  ring.run(open_again);
  sockaddr_in peer = {};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(9);
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  io_uring_sqe connection =
      entry(IORING_OP_CONNECT, socket(AF_INET, SOCK_STREAM, 0), &peer, nullptr);
  connection.off = sizeof peer;
  ring.run(connection);
  io_uring_sqe folder = entry(IORING_OP_MKDIRAT, AT_FDCWD, "ring-folder", nullptr);
  folder.len = 0755;
  ring.run(folder);
  ring.run(entry(IORING_OP_SYMLINKAT, AT_FDCWD, "ring-file", "ring-symlink"));
  const auto at_here = static_cast<std::uint32_t>(AT_FDCWD);
  io_uring_sqe link = entry(IORING_OP_LINKAT, AT_FDCWD, "ring-file", "ring-link");
  link.len = at_here;
  ring.run(link);
  io_uring_sqe rename = entry(IORING_OP_RENAMEAT, AT_FDCWD, "ring-link", "ring-renamed");
  rename.len = at_here;
  ring.run(rename);
  ring.run(entry(IORING_OP_UNLINKAT, AT_FDCWD, "ring-renamed", nullptr));
  return 0;
}
