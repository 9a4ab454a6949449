#include <cstdio>
#include <string_view>

#include "commands.h"

namespace {

constexpr const char* kHelp =
    "usage: sorrelctl COMMAND [OPTION...]\n"
    "\n"
    "commands:\n"
    "  buffer   look into the buffer, where events wait for their collectors\n"
    "  decode   turn audit logs and recordings into JSON, or back into text\n"
    "  output   test an output to a collector, or send it refused events again\n"
    "  ps       show the processes that sorreld knows\n"
    "  rules    check audit rules, and show what the kernel would be given\n"
    "  status   show what sorreld has done and lost\n"
    "\n"
    "'sorrelctl COMMAND --help' tells more. --version prints the version.\n";

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "buffer") return sorrel::sorrelctl::run_buffer(argc - 1, argv + 1);
  if (command == "decode") return sorrel::sorrelctl::run_decode(argc - 1, argv + 1);
  if (command == "output") return sorrel::sorrelctl::run_output(argc - 1, argv + 1);
  if (command == "ps") return sorrel::sorrelctl::run_ps(argc - 1, argv + 1);
  if (command == "rules") return sorrel::sorrelctl::run_rules(argc - 1, argv + 1);
  if (command == "status") return sorrel::sorrelctl::run_status(argc - 1, argv + 1);
  if (command == "--help" || command == "-h" || command == "help") {
    std::fputs(kHelp, stdout);
    return sorrel::sorrelctl::kExitOk;
  }
  if (command == "--version") {
    std::puts("sorrelctl " SORREL_VERSION);
    return sorrel::sorrelctl::kExitOk;
  }
  if (command.empty())
    std::fputs("sorrelctl: a command is missing\n\n", stderr);
  else
    std::fprintf(stderr, "sorrelctl: there is no command '%s'\n\n", argv[1]);
  std::fputs(kHelp, stderr);
  return sorrel::sorrelctl::kExitUsage;
}
