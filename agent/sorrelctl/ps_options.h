#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/options.h"

namespace sorrel::sorrelctl {

// The command line of `sorrelctl ps`.
struct PsOptions {
  bool tree = false;
  bool json = false;
  bool all = false;
  bool exited = false;
  bool help = false;
  std::string socket = control::Options{}.socket;
  std::vector<std::uint32_t> pids;  // ascending
};

// Errors: an unknown option, a value that is missing, a word that is no pid, options that exclude
// each other.
Result<PsOptions> parse_ps_options(int argc, char** argv);

extern const char* const kPsHelp;

}  // namespace sorrel::sorrelctl
