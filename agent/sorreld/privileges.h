#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/options.h"

namespace sorrel::agent {

// The capabilities that stay after start, by number (capabilities(7)), for what the configuration
// makes the daemon do: control of audit, reading the multicast group, the heartbeat's record.
std::vector<int> needed_capabilities(const config::Options& options);

// Becomes `options.user` for good and keeps only needed_capabilities(): groups, real, effective and
// saved ids, bounding and ambient sets; no program that is executed gets more (no_new_privs). When
// no user is configured only the capabilities go. Does nothing when not started as root.
// Call it when all files and sockets that need more are open, and before any thread exists.
// Errors: the user does not exist, or the kernel refused.
Status drop_privileges(const config::Options& options);

}  // namespace sorrel::agent
