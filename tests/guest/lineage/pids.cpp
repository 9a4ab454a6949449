// Chosen pids: the kernel gives a number again soon only when it is made to.
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>

#include "lineage.h"

namespace lineage {
namespace {

// fork, the child having this pid. Root of the pid namespace may choose it (clone3, set_tid).
pid_t fork_with(pid_t pid) {
  clone_args arguments = {};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
  arguments.set_tid_size = 1;
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

}  // namespace

int run_as(Arguments pid_and_program) {
  const pid_t child = fork_with(std::atoi(pid_and_program[0]));
  if (child == 0) _exit(execute(pid_and_program + 1));
  return wait_for(child);
}

int fork_as(Arguments pid_and_program) {
  const pid_t child = fork_with(std::atoi(pid_and_program[0]));
  if (child == 0) {
    tell("born");
    _exit(run(pid_and_program + 1));
  }
  return wait_for(child);
}

// vfork: the parent waits without wait(), and the child's number is free at once after it. In a
// function of its own, whose caller's variables it cannot clobber.
[[gnu::noinline]] static pid_t use_up_one() {
  const pid_t child = vfork();
  if (child == 0) _exit(0);
  if (child > 0) waitpid(child, nullptr, 0);
  return child;
}

int burn(Arguments pid) {
  const pid_t before = std::atoi(pid[0]) - 1;
  for (int count = 0; count < 100'000; ++count) {
    const pid_t child = use_up_one();
    if (child < 0) return failed("vfork");
    if (child == before) return 0;
  }
  return failed("that pid did not come");
}

}  // namespace lineage
