#pragma once

#include <cstdint>
#include <string>

#include "config/options.h"

namespace sorrel::agent {

// What names this host and this boot; empty where the system has none.
struct HostIds {
  std::string machine_id;  // /etc/machine-id
  std::string boot_id;     // /proc/sys/kernel/random/boot_id
};

// `root` is put before the paths; empty on a live host.
HostIds read_host_ids(const std::string& root);

// What the resolver is asked, at most.
inline constexpr std::uint32_t kResolveTimeoutMs = 5'000;

// The NODE of events that bring none; empty for NodeKind::none. `fqdn` asks the resolver, which may
// block, so only at start and reload; when it has no answer in time, the host's name stands, and a
// warning is logged.
std::string resolve_node(const config::NodeOptions& options,
                         std::uint32_t timeout_ms = kResolveTimeoutMs);

}  // namespace sorrel::agent
