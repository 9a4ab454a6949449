// Processes that lose their parents.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lineage.h"

namespace lineage {
namespace {

void wait_until_orphaned(pid_t parent) {
  while (getppid() == parent) usleep(1000);
}

}  // namespace

int daemon(Arguments program) {
  const pid_t middle = fork();
  if (middle > 0) return wait_for(middle);
  if (middle < 0) return failed("fork");
  tell("born");
  setsid();
  int seen[2];
  if (pipe(seen) != 0) return failed("pipe");
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return failed("fork");
  char byte = 0;
  if (child > 0) {
    // Not before the child has been seen with its first parent.
    if (read(seen[0], &byte, 1) != 1) return failed("pipe");
    _exit(0);
  }
  tell("born");
  if (write(seen[1], &byte, 1) != 1) return failed("pipe");
  close(seen[0]);
  close(seen[1]);
  wait_until_orphaned(parent);
  _exit(execute(program));
}

int orphan(Arguments program) {
  if (getppid() == 1) return failed("the parent went too early");
  wait_until_orphaned(getppid());
  return run(program);
}

int reaper(Arguments program) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const int status = run(program);
  while (wait(nullptr) > 0) continue;
  return status;
}

}  // namespace lineage
