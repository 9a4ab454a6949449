// Processes under attack and changes of the system.
#include <cap-ng.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <libaudit.h>

#include "workload.h"

namespace workload {
namespace {

pid_t sleeper() {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  usleep(20'000);
  return child;
}

void end(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

}  // namespace

void signals() {
  prctl(PR_SET_NAME, "killer");
  const pid_t victim = sleeper();
  kill(victim, 0);
  kill(victim, SIGWINCH);
  kill(999'999, SIGTERM);
  end(victim);
  setpgid(0, 0);
  signal(SIGURG, SIG_IGN);
  const pid_t others[] = {sleeper(), sleeper(), sleeper()};
  kill(0, SIGURG);
  for (const pid_t other : others) end(other);
  syscall(SYS_tgkill, getpid(), getpid(), SIGURG);
}

void crashes() {
  in_child([] { *static_cast<volatile int*>(nullptr) = 1; });
  in_child([] { std::abort(); });
  in_child([] { __asm__ volatile("ud2"); });
  in_child([] { raise(SIGFPE); });
}

void seccomp_filters() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter = {static_cast<unsigned short>(sizeof program / sizeof *program),
                             program};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
  syscall(SYS_getpgrp);
  syscall(SYS_getsid, 0);
}

void traced_process() {
  const pid_t victim = sleeper();
  ptrace(PTRACE_ATTACH, victim, nullptr, nullptr);
  waitpid(victim, nullptr, 0);
  ptrace(PTRACE_PEEKUSER, victim, nullptr, nullptr);
  ptrace(PTRACE_DETACH, victim, nullptr, nullptr);
  end(victim);
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
}

void capabilities() {
  capng_clear(CAPNG_SELECT_CAPS);
  capng_updatev(CAPNG_ADD,
                static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE),
                CAP_SETUID, CAP_SETGID, CAP_NET_BIND_SERVICE, -1);
  capng_apply(CAPNG_SELECT_CAPS);
  (void)!setresgid(1'000, 1'000, 1'000);
  (void)!setresuid(1'000, 1'000, 1'000);
  (void)!setuid(0);
}

void bpf_objects() {
  bpf_attr attributes = {};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 8;
  attributes.max_entries = 1;
  syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);
  bpf_insn program[2] = {};
  program[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
  program[1].code = BPF_JMP | BPF_EXIT;
  std::memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attributes.insns = reinterpret_cast<std::uint64_t>(program);
  attributes.insn_cnt = 2;
  attributes.license = reinterpret_cast<std::uint64_t>("GPL");
  close(static_cast<int>(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes)));
}

void modules() {
  const int file = open("/bin/true", O_RDONLY);
  syscall(SYS_finit_module, file, "option=\"1\"", 0);
  syscall(SYS_init_module, "not a module", 12, "");
  syscall(SYS_delete_module, "not_loaded", O_NONBLOCK);
}

void clocks() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  clock_settime(CLOCK_REALTIME, &now);
  timex change = {};
  change.modes = ADJ_FREQUENCY | ADJ_TICK | ADJ_OFFSET | ADJ_STATUS;
  change.freq = 1 << 16;
  change.tick = 10'001;
  change.status = STA_PLL;
  change.offset = 100;
  adjtimex(&change);
  change = {};
  change.modes = ADJ_FREQUENCY | ADJ_TICK | ADJ_STATUS;
  change.tick = 10'000;
  adjtimex(&change);
  change = {};
  change.modes = ADJ_SETOFFSET | ADJ_NANO;
  change.time.tv_usec = 5;
  adjtimex(&change);
}

void namespaces_and_mounts() {
  unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID);
  mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  mount("with space", "/mnt", "tmpfs", MS_NOSUID, "size=1M");
  mount("/dev/none", "/mnt", "ext4", 0, nullptr);
  mount(nullptr, "/mnt", nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
  umount2("/mnt", MNT_DETACH);
  (void)!sethostname("renamed", 7);
  (void)!setdomainname("example", 7);
  in_child([] { execl("/bin/true", "true", "first of its pid namespace", nullptr); });
  unshare(CLONE_NEWUSER);
  setns(0, 0);
  if (chroot("/tmp") == 0) close(open("/seen from the new root", O_CREAT | O_RDWR, 0600));
}

void terminal_input() {
  int terminal = -1;
  int screen = -1;
  if (openpty(&screen, &terminal, nullptr, nullptr, nullptr) != 0) return;
  const int audit = audit_open();
  audit_tty_status on = {};
  on.enabled = 1;
  on.log_passwd = 1;
  struct {
    nlmsghdr header;
    audit_tty_status status;
  } request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = AUDIT_TTY_SET;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.status = on;
  (void)!send(audit, &request, sizeof request, 0);
  setsid();
  for (const char* typed : {"ls -la\n", "echo \"a b\"\n", "\x1b[A\tcaf\xc3\xa9\n"}) {
    char line[256];
    if (write(screen, typed, std::strlen(typed)) < 0 || read(terminal, line, sizeof line) < 0)
      return;
  }
}

void audit_features() {
  const int audit = audit_open();
  audit_set_feature(audit, AUDIT_FEATURE_ONLY_UNSET_LOGINUID, 1, 0);
  audit_set_feature(audit, AUDIT_FEATURE_ONLY_UNSET_LOGINUID, 0, 0);
  audit_set_rate_limit(audit, 1'000'000);
  audit_set_rate_limit(audit, 0);
  audit_close(audit);
}

}  // namespace workload
