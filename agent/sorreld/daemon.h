#pragma once

#include <string>

#include "config/options.h"

namespace sorrel::agent {

struct DaemonSettings {
  std::string config_path;  // read again on SIGHUP
  std::string stats_path;   // the counters at the end, as JSON; empty: no file
};

// Runs sorreld until a signal ends it, or its input ends. Returns an ExitCode; everything that a
// person should know is logged. The threads: this one controls (signals, timers, the kernel's
// control socket), `intake` reads, `pipeline` does the rest.
int run_daemon(const DaemonSettings& settings, const config::Options& options);

}  // namespace sorrel::agent
