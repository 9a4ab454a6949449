#include <cstdio>
#include <string>

#include "commands.h"
#include "rules_change.h"
#include "rules_commands.h"

namespace sorrel::sorrelctl {
namespace {

constexpr const char* kListHelp =
    "usage: sorrelctl rules list [OPTION...]\n"
    "\n"
    "Shows the kernel's audit rules, in the order in which it evaluates them.\n"
    "\n"
    "  --json     a JSON array of lines\n"
    "  --resolve  names for users, groups and the like\n"
    "  --help     this text\n"
    "\n"
    "Exit status: 0 shown; 1 failed.\n";

}  // namespace

int run_rules_list(int argc, char** argv) {
  int status = kExitOk;
  const auto options = begin_kernel_rules(argc, argv, kListHelp, status);
  if (!options) return status;
  KernelHost host;
  if (const Status opened = host.open(); !opened) {
    return fail_with("list", opened.error().to_string(), kExitFailed);
  }
  const auto rules = host.kernel->list();
  if (!rules) return fail_with("list", rules.error().to_string(), kExitFailed);
  const RulePrinter print = [&](const ruleset::Rule& rule) {
    return host.print(rule, options->resolve);
  };
  if (options->json) {
    std::printf("%s\n", json_rules(*rules, print).c_str());
    return kExitOk;
  }
  for (const ruleset::Rule& rule : *rules) put(print(rule));
  return kExitOk;
}

}  // namespace sorrel::sorrelctl
