// Program starts: what EXECVE, PATH, CWD and PROCTITLE look like when arguments are ugly.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "workload.h"

namespace workload {
namespace {

using Strings = std::vector<std::string>;

std::vector<char*> pointers(Strings& strings) {
  std::vector<char*> result;
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

void start(const std::string& program, Strings arguments, Strings environment = {"PATH=/bin"}) {
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_RDWR);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execve(program.c_str(), pointers(arguments).data(), pointers(environment).data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
}

void copy_program(const std::string& from, const std::string& to, mode_t mode) {
  {
    std::ifstream in(from, std::ios::binary);
    std::ofstream out(to, std::ios::binary);
    out << in.rdbuf();
  }
  chmod(to.c_str(), mode);
}

}  // namespace

void odd_arguments() {
  start("/bin/echo",
        {"/bin/echo", "two words", "say \"hi\"", "it's", "line\nbreak", "tab\there", "back\\slash",
         "", " ", "a=b", "caf\xc3\xa9", "\xe6\xbc\xa2\xe5\xad\x97", "\xff\xfe\x80",
         "\x01\x02\x1b[31m", "$(id)`id`", "\x1d", "41424344", "(null)"});
  start("/bin/echo", {"caf\xc3\xa9 \xff"});
  start("/bin/true", {"/bin/true"},
        {"PATH=/bin", "LD_PRELOAD=/tmp/none.so", "LD_LIBRARY_PATH=/tmp", "ODD=\xff\"\n"});
  start("/bin/true", {});
}

void long_arguments() {
  std::string quoted(9'000, 'q');
  quoted[4'000] = '"';
  start("/bin/true", {"true", "before", std::string(120'000, 'z'), "between", quoted, "after"});
  start("/bin/true",
        {"true", std::string(7'480, 'a'), std::string(7'500, 'b'), std::string(7'520, 'c')});
}

void many_arguments() {
  Strings arguments = {"true"};
  for (int i = 0; i < 1'500; ++i)
    arguments.push_back(i % 9 == 0 ? "no " + std::to_string(i) : std::to_string(i));
  start("/bin/true", arguments);
}

void program_in_memory() {
  const int memory = memfd_create("[kworker/u4:2]", MFD_CLOEXEC);
  std::ifstream in("/bin/true", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  if (write(memory, bytes.data(), bytes.size()) < 0) return;
  Strings arguments = {"[kworker/u4:2]", "-x"};
  Strings environment = {};
  fexecve(memory, pointers(arguments).data(), pointers(environment).data());
}

void deleted_program() {
  copy_program("/bin/sleep", "/tmp/.cache-helper", 0755);
  const pid_t child = fork();
  if (child == 0) {
    execl("/tmp/.cache-helper", "helper", "1", nullptr);
    _exit(127);
  }
  usleep(100'000);
  unlink("/tmp/.cache-helper");
  kill(child, SIGUSR1);
  waitpid(child, nullptr, 0);
}

void script() {
  std::ofstream("/tmp/run me.sh") << "#!/bin/sh -e\n: \"$@\"\n";
  chmod("/tmp/run me.sh", 0755);
  start("/tmp/run me.sh", {"run me.sh", "one", "two \"2\""});
  unlink("/tmp/run me.sh");
}

void missing_programs() {
  start("/tmp/not here", {"x"});
  start("/etc/passwd", {"passwd"});
  std::ofstream("/tmp/no-format") << "text";
  chmod("/tmp/no-format", 0755);
  start("/tmp/no-format", {"no-format"});
  unlink("/tmp/no-format");
}

void set_user_id_program() {
  copy_program("/bin/true", "/tmp/helper-suid", 0);
  chmod("/tmp/helper-suid", 04755);
  copy_program("/bin/true", "/tmp/helper-caps", 0755);
  vfs_cap_data capabilities = {};
  capabilities.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
  capabilities.data[0].permitted = 1U << CAP_NET_RAW | 1U << CAP_SYS_ADMIN;
  setxattr("/tmp/helper-caps", "security.capability", &capabilities, sizeof capabilities, 0);
  if (setgid(1'000) != 0 || setuid(1'000) != 0) return;
  start("/tmp/helper-suid", {"helper-suid"});
  start("/tmp/helper-caps", {"helper-caps"});
  start("/bin/true", {"true", "as uid 1000"});
}

void parallel_programs() {
  for (int i = 0; i < 20; ++i) {
    if (fork() == 0) {
      execl("/bin/true", "true", "parallel", std::to_string(i).c_str(), nullptr);
      _exit(127);
    }
  }
  while (wait(nullptr) > 0) continue;
}

}  // namespace workload
