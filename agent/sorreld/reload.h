#pragma once

#include <string>
#include <vector>

#include "config/options.h"

namespace sorrel::agent {

// What a reload makes of a new configuration.
struct ReloadPlan {
  config::Options options;  // in force from now on: the new ones, where they can be applied
  // Changed options that take effect with the next start only, as the file calls them.
  std::vector<std::string> needs_restart;
};

// Pure. What a running daemon keeps: its user, its input with its sockets and buffers, the limits
// of events in assembly. `has_buffer`: there is one, open, for outputs to collectors.
ReloadPlan plan_reload(const config::Options& current, const config::Options& wanted,
                       bool has_buffer);

}  // namespace sorrel::agent
