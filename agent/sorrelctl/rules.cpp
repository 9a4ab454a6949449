#include <array>
#include <cstdio>
#include <string_view>

#include "commands.h"
#include "rules_commands.h"

namespace sorrel::sorrelctl {
namespace {

struct Subcommand {
  std::string_view name;
  int (*run)(int argc, char** argv);
};

constexpr auto kSubcommands = std::to_array<Subcommand>({
    {"apply", run_rules_apply},
    {"check", run_rules_check},
    {"compile", run_rules_compile},
    {"cost", run_rules_cost},
    {"diff", run_rules_diff},
    {"explain", run_rules_explain},
    {"list", run_rules_list},
    {"test", run_rules_test},
});

constexpr const char* kHelp =
    "usage: sorrelctl rules COMMAND [OPTION...] [PATH...]\n"
    "\n"
    "Audit rules. PATH is a file, a folder of *.rules files, or - for standard input.\n"
    "\n"
    "commands:\n"
    "  apply    make the kernel's rules those of the files, without a gap\n"
    "  check    tell what is wrong with rules, and what is doubtful\n"
    "  compile  show what the kernel would be given\n"
    "  cost     estimate how much longer system calls take\n"
    "  diff     show in what the kernel's rules differ from the files\n"
    "  explain  say in words what a rule does, what it costs, and what it is for\n"
    "  list     show the kernel's rules\n"
    "  test     tell which rule would have caught events of a log\n"
    "\n"
    "'sorrelctl rules COMMAND --help' tells more.\n";

}  // namespace

int run_rules(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  for (const Subcommand& one : kSubcommands) {
    if (one.name == command) return one.run(argc - 1, argv + 1);
  }
  if (command == "--help" || command == "-h" || command == "help") {
    std::fputs(kHelp, stdout);
    return kExitOk;
  }
  if (command.empty()) {
    std::fputs("sorrelctl rules: a command is missing\n\n", stderr);
  } else {
    std::fprintf(stderr, "sorrelctl rules: there is no command '%s'\n\n", argv[1]);
  }
  std::fputs(kHelp, stderr);
  return kExitUsage;
}

}  // namespace sorrel::sorrelctl
