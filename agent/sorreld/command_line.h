#pragma once

#include <string>

#include "base/result.h"

namespace sorrel::agent {

// sorreld's exit statuses.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;   // something broke while running
inline constexpr int kExitUsage = 2;    // the command line is wrong
inline constexpr int kExitConfig = 3;   // the configuration is wrong
inline constexpr int kExitNoAudit = 4;  // the kernel does not give us its audit records

struct CommandLine {
  std::string config = "/etc/sorrel/sorrel.yaml";
  std::string stats_file;  // a JSON summary is written there at the end
  bool check_config = false;
  bool help = false;
  bool version = false;
};

extern const char* const kHelp;

// Errors: an unknown option, a missing value, a word too many.
Result<CommandLine> parse_command_line(int argc, char** argv);

}  // namespace sorrel::agent
