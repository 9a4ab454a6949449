#include <cstdio>

#include "config/load.h"
#include "sorreld/command_line.h"
#include "sorreld/daemon.h"
#include "sorreld/exit_code.h"

int main(int argc, char** argv) {
  using namespace sorrel;
  const auto line = agent::parse_command_line(argc, argv);
  if (!line) {
    std::fprintf(stderr, "sorreld: %s\n'sorreld --help' tells more.\n",
                 line.error().message.c_str());
    return agent::kExitUsage;
  }
  if (line->help) {
    std::fputs(agent::kHelp, stdout);
    return agent::kExitOk;
  }
  if (line->version) {
    std::puts("sorreld " SORREL_VERSION);
    return agent::kExitOk;
  }
  const auto options = config::load_file(line->config_path);
  if (!options) {
    std::fprintf(stderr, "%s\n", options.error().message.c_str());
    return agent::kExitConfiguration;
  }
  if (line->check_config) {
    std::printf("%s: no errors\n", line->config_path.c_str());
    return agent::kExitOk;
  }
  return agent::run_daemon({.config_path = line->config_path, .stats_path = line->stats_path},
                           *options);
}
