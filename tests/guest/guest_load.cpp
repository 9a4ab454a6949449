// Numbered work for the guest scenarios: every operation carries its own number in its record, so
// that one that is missing or doubled in an output is known by number (check_numbers.py).
//
//   guest_load exec FIRST COUNT [PROGRAM]   runs PROGRAM (default /bin/true) with the argument
//                                           "number=N": EXECVE's a1, one process at a time
//   guest_load calls FIRST COUNT            getppid(N): the kernel records the register as a0=N in
//                                           hex although the call takes no argument; 3 records each
//   guest_load opens FIRST COUNT PATH       openat(N, PATH): for an absolute path the kernel
//   records
//                                           the register as a0=N and does not look at it
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

bool run_numbered(const char* program, long number) {
  std::string argument = "number=" + std::to_string(number);
  std::string name = program;
  char* arguments[] = {name.data(), argument.data(), nullptr};
  char* environment[] = {nullptr};
  const pid_t child = vfork();
  if (child < 0) return false;
  if (child == 0) {
    execve(program, arguments, environment);
    _exit(127);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view kind = argc > 1 ? argv[1] : "";
  if (argc < 4 || (kind != "exec" && kind != "calls" && kind != "opens")) {
    std::fputs(
        "usage: guest_load exec FIRST COUNT [PROGRAM] | guest_load calls FIRST COUNT | "
        "guest_load opens FIRST COUNT PATH\n",
        stderr);
    return 2;
  }
  const long first = std::strtol(argv[2], nullptr, 10);
  const long count = std::strtol(argv[3], nullptr, 10);
  const char* program = argc > 4 ? argv[4] : "/bin/true";
  for (long number = first; number < first + count; ++number) {
    if (kind == "calls") {
      syscall(SYS_getppid, number);
    } else if (kind == "opens") {
      close(static_cast<int>(syscall(SYS_openat, number, program, O_RDONLY)));
    } else if (!run_numbered(program, number)) {
      std::fprintf(stderr, "guest_load: %s, number %ld: %s\n", program, number,
                   std::strerror(errno));
      return 1;
    }
  }
  return 0;
}
