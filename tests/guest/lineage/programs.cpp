// Ways to start a program.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "lineage.h"

namespace lineage {

int failed(const char* what) {
  std::fprintf(stderr, "guest_lineage: %s: %s\n", what, std::strerror(errno));
  return 1;
}

void tell(const char* word) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "/run/lineage/keeper");
  char answer = 0;
  // The whole structure's size: never the 16 bytes by which the rules know connect() to an inet
  // one.
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      send(fd, word, std::strlen(word), 0) < 0 || recv(fd, &answer, 1, 0) != 1) {
    std::exit(failed("the keeper"));
  }
  close(fd);
}

int execute(Arguments program) {
  if (program[0] == nullptr) return 2;
  const char* path = program[0];
  std::string name;
  if (path[0] == '@') {
    name = path + 1;
    path = program[1];
    program[1] = name.data();
    ++program;
  }
  execv(path, program);
  return failed(path);
}

int wait_for(pid_t child) {
  int status = 0;
  if (child < 0) return failed("fork");
  if (waitpid(child, &status, 0) != child) return failed("wait");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int run(Arguments program) {
  const pid_t child = fork();
  if (child == 0) _exit(execute(program));
  return wait_for(child);
}

namespace {

// Cuts a list at "--" and returns its second part.
Arguments second_part(Arguments programs) {
  while (*programs != nullptr && std::string_view(*programs) != "--") ++programs;
  if (*programs == nullptr) std::exit(failed("-- is missing"));
  *programs = nullptr;
  return programs + 1;
}

std::string executable_of(pid_t pid) {
  std::array<char, 4096> path;
  const ssize_t size =
      readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), path.data(), path.size());
  return {path.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace

int twice(Arguments programs) {
  const Arguments second = second_part(programs);
  const int first = run(programs);
  return first != 0 ? first : run(second);
}

int run_by_vfork(Arguments program) {
  // What vfork's child may do: nothing but exec.
  const pid_t child = vfork();
  if (child == 0) {
    execv(program[0], program);
    _exit(127);
  }
  return wait_for(child);
}

int thread(Arguments program) {
  // Its number becomes the process's at exec, and the first thread is gone.
  std::thread([program] { std::exit(execute(program)); }).join();
  return 1;
}

int memory(Arguments program) {
  const int from = open(program[0], O_RDONLY | O_CLOEXEC);
  const int to = memfd_create("[kworker/0:1]", MFD_CLOEXEC);
  std::array<char, 65536> buffer;
  ssize_t size = 0;
  while ((size = read(from, buffer.data(), buffer.size())) > 0) {
    if (write(to, buffer.data(), static_cast<std::size_t>(size)) != size) return failed("memfd");
  }
  fexecve(to, program, environ);
  return failed(program[0]);
}

int become(Arguments programs) {
  const Arguments second = second_part(programs);
  const pid_t parent = getpid();
  const std::string before = executable_of(parent);
  const pid_t child = fork();
  if (child < 0) return failed("fork");
  if (child > 0) {
    usleep(100'000);  // the child is looked at first
    return execute(programs);
  }
  tell("born");
  while (executable_of(parent) == before) usleep(1000);
  // The new program tells the keeper first; it has children then, so that it can only wait.
  usleep(50'000);
  _exit(execute(second));
}

int run_in_fork(Arguments program) {
  const pid_t child = fork();
  if (child == 0) {
    tell("born");
    _exit(run(program));
  }
  return wait_for(child);
}

}  // namespace lineage
