#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sorrel::agent {

// Who made the daemon stop or reload, as far as known.
struct Actor {
  std::uint32_t uid = 0;
  std::uint32_t pid = 0;
};

// The bodies of the daemon's own records, in auditd's shape (audit-userspace, src/auditd.c), so
// that what watches auditd's life understands ours.
std::string daemon_start_body(const std::string& kernel, const std::string& formats);
std::string daemon_end_body(const std::optional<Actor>& actor);
std::string daemon_config_body(const std::optional<Actor>& actor, bool changed);

}  // namespace sorrel::agent
