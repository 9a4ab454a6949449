#pragma once

#include <string>

#include "base/result.h"

namespace sorrel::agent {

struct CommandLine {
  std::string config_path = "/etc/sorrel/sorrel.yaml";
  std::string stats_path;  // empty: no file
  bool check_config = false;
  bool help = false;
  bool version = false;
};

extern const char* const kHelp;

// Errors: an option that there is not, or one without its value; the message names it.
Result<CommandLine> parse_command_line(int argc, char** argv);

}  // namespace sorrel::agent
