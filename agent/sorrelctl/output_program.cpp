// sorrelctl output, as a program of its own: it needs TLS and Kafka, which every other command
// would have to load at its start, too.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "commands.h"

namespace sorrel::sorrelctl {

// Beside sorrelctl (as built), or in libexec (as installed).
int run_output(int argc, char** argv) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path folder = self.parent_path();
  std::vector<char*> arguments(argv, argv + argc);
  arguments.push_back(nullptr);
  for (const auto& program :
       {folder / kOutputProgram, folder / ".." / SORREL_LIBEXECDIR / kOutputProgram}) {
    ::execv(program.c_str(), arguments.data());
    if (errno != ENOENT) break;
  }
  std::fprintf(stderr, "sorrelctl output: cannot run %s: %s; it is a part of sorrel's package\n",
               kOutputProgram, std::strerror(errno));
  return kExitFailed;
}

}  // namespace sorrel::sorrelctl
