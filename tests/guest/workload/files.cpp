// Files: names of every kind, changes, refusals, and the newer ways to open.
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "workload.h"

namespace workload {
namespace {

void touch(const std::string& path) {
  close(open(path.c_str(), O_CREAT | O_RDWR, 0600));
}

template <class T>
T* ring_field(void* ring, std::uint32_t offset) {
  return reinterpret_cast<T*>(static_cast<char*>(ring) + offset);
}

}  // namespace

void odd_names() {
  for (const char* name :
       {"/tmp/with space", "/tmp/quo\"te", "/tmp/new\nline", "/tmp/\xff\xfe\x80 bytes",
        "/tmp/caf\xc3\xa9-\xe6\xbc\xa2", "/tmp/\x1b[31mred", "/tmp/key=value", "/tmp/'single'",
        "/tmp/back\\slash"}) {
    touch(name);
    chmod(name, 0640);
    const std::string moved = std::string(name) + ".moved";
    rename(name, moved.c_str());
    unlink(moved.c_str());
  }
}

void long_paths() {
  std::string path = "/tmp";
  for (int i = 0; i < 14; ++i) {
    path += "/" + std::string(250, static_cast<char>('a' + i));
    mkdir(path.c_str(), 0755);
  }
  touch(path + "/file");
  if (chdir(path.c_str()) != 0) return;
  touch("relative");
  unlink("../does/not/exist");
}

void file_changes() {
  mkdir("/tmp/work", 0755);
  if (chdir("/tmp/work") != 0) return;
  touch("one");
  chmod("one", 04755);
  if (chown("one", 1'000, 1'001) != 0 || lchown("one", 12'345, 54'321) != 0) return;
  link("one", "hard");
  symlink("one", "soft");
  setxattr("one", "user.note", "v", 1, 0);
  removexattr("one", "user.note");
  rename("one", "two");
  renameat2(AT_FDCWD, "two", AT_FDCWD, "hard", RENAME_EXCHANGE);
  truncate("two", 10);
  mknod("fifo", S_IFIFO | 0600, 0);
  mknod("device", S_IFCHR | 0600, static_cast<dev_t>(0x103));
  for (const char* name : {"two", "hard", "soft", "fifo", "device"}) unlink(name);
  if (chdir("/tmp") == 0) rmdir("/tmp/work");
}

void refused_files() {
  if (setgid(65'534) != 0 || setuid(65'534) != 0) return;
  for (const char* path : {"/etc/shadow", "/root/.ssh/id_rsa", "/proc/1/environ"})
    close(open(path, O_RDONLY));
  close(open("/etc/passwd", O_WRONLY));
  chmod("/etc/passwd", 0666);
  mkdir("/etc/new", 0755);
}

void odd_comm() {
  for (const char* name :
       {"two words", "q\"uote", "\xff\xfe", "x) auid=0 (y", "(sd-pam)", "caf\xc3\xa9"}) {
    prctl(PR_SET_NAME, name);
    close(open("/etc/shadow", O_RDONLY));
  }
}

void sticky_links() {
  for (const char* name : {"symlinks", "hardlinks", "regular", "fifos"})
    std::ofstream(std::string("/proc/sys/fs/protected_") + name) << 1;
  if (fork() == 0) {
    if (setuid(1'000) != 0) _exit(1);
    symlink("/etc/shadow", "/tmp/trap");
    touch("/tmp/theirs");
    link("/etc/shadow", "/tmp/hard");
    _exit(0);
  }
  wait(nullptr);
  close(open("/tmp/trap", O_RDONLY));
  close(open("/tmp/theirs", O_CREAT | O_RDWR, 0600));
  unlink("/tmp/trap");
  unlink("/tmp/theirs");
}

void memory_maps() {
  const int file = open("/bin/true", O_RDONLY);
  mmap(nullptr, 4'096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
  mmap(nullptr, 4'096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

void opened_by_openat2() {
  open_how how = {};
  how.flags = O_RDONLY;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
  syscall(SYS_openat2, AT_FDCWD, "/etc/hostname", &how, sizeof how);
  how.resolve = 0;
  syscall(SYS_openat2, AT_FDCWD, "/etc/hostname", &how, sizeof how);
}

void opened_by_io_uring() {
  io_uring_params parameters = {};
  const long ring = syscall(SYS_io_uring_setup, 4, &parameters);
  if (ring < 0) return;
  const auto fd = static_cast<int>(ring);
  void* queue = mmap(nullptr, parameters.sq_off.array + parameters.sq_entries * 4,
                     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQ_RING);
  void* slots = mmap(nullptr, parameters.sq_entries * sizeof(io_uring_sqe), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
  if (queue == MAP_FAILED || slots == MAP_FAILED) return;
  auto* entries = static_cast<io_uring_sqe*>(slots);
  std::uint32_t count = 0;
  for (const char* path : {"/etc/hostname", "/etc/missing", "/tmp/by ring"}) {
    io_uring_sqe& entry = entries[count];
    entry.opcode = IORING_OP_OPENAT;
    entry.fd = AT_FDCWD;
    entry.addr = reinterpret_cast<std::uint64_t>(path);
    entry.len = 0600;
    entry.open_flags = count == 2 ? O_CREAT | O_RDWR : O_RDONLY;
    ring_field<std::uint32_t>(queue, parameters.sq_off.array)[count] = count;
    ++count;
  }
  __atomic_store_n(ring_field<std::uint32_t>(queue, parameters.sq_off.tail), count,
                   __ATOMIC_RELEASE);
  syscall(SYS_io_uring_enter, fd, count, count, IORING_ENTER_GETEVENTS, nullptr, 0);
}

void denied_by_fanotify() {
  const int group = fanotify_init(FAN_CLASS_CONTENT | FAN_ENABLE_AUDIT, O_RDONLY);
  touch("/tmp/watched");
  if (group < 0 || fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "/tmp/watched") != 0)
    return;
  for (const std::uint32_t answer : {FAN_DENY, FAN_ALLOW}) {
    const pid_t child = fork();
    if (child == 0) {
      close(open("/tmp/watched", O_RDONLY));
      _exit(0);
    }
    fanotify_event_metadata event = {};
    if (read(group, &event, sizeof event) > 0) {
      const fanotify_response response = {event.fd, answer | FAN_AUDIT};
      if (write(group, &response, sizeof response) < 0) return;
      close(event.fd);
    }
    waitpid(child, nullptr, 0);
  }
}

}  // namespace workload
