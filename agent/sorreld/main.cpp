#include <cstdio>

#include "config/load.h"
#include "sorreld/command_line.h"
#include "sorreld/daemon.h"

int main(int argc, char** argv) {
  using namespace sorrel;
  const Result<agent::CommandLine> line = agent::parse_command_line(argc, argv);
  if (!line) {
    std::fprintf(stderr, "sorreld: %s\n%s", line.error().to_string().c_str(), agent::kHelp);
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
  const Result<config::Options> options = config::load_file(line->config);
  if (!options) {
    std::fprintf(stderr, "%s\n", options.error().to_string().c_str());
    return agent::kExitConfig;
  }
  if (line->check_config) {
    std::printf("%s: ok\n", line->config.c_str());
    return agent::kExitOk;
  }
  return agent::run_daemon({.config_path = line->config, .stats_path = line->stats_file}, *options);
}
