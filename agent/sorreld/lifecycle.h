#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "netlink/registration.h"

namespace sorrel::agent {

// The bodies of the DAEMON_* records, with auditd's fields in auditd's order, so that what reads
// auditd's life (ausearch, aureport, rules of a SIEM) reads ours. Source: audit-userspace,
// auditd.c, send_audit_event() and its callers.

// Who did something: we, or the sender of a signal.
struct Actor {
  std::uint32_t auid = ~std::uint32_t{0};  // unset
  std::uint32_t uid = 0;
  std::uint32_t session = ~std::uint32_t{0};
  std::uint32_t pid = 0;
  std::string subject = "?";  // the LSM's context
};

// Reads all that /proc says of a process; `pid` and `uid` stand as they are given. What cannot be
// read is unset.
Actor describe_process(const std::string& proc_root, std::uint32_t pid, std::uint32_t uid);

std::string daemon_start(const Actor& self, std::string_view version, std::string_view format,
                         std::string_view kernel);
// `sender`: of the signal; ourselves when an input or an output ended.
std::string daemon_end(const Actor& sender, bool success);
std::string daemon_config(const Actor& sender, bool success);
// One of ours: auditd has no name of the file in it.
std::string daemon_rotate(const Actor& self, std::string_view path);

// SORREL_HEALTH: the way of the events into sorreld changed.
std::string health(const netlink::RegistrationChange& change);

// `text` as the value of a field: in double quotes, with what would end it replaced.
std::string quoted(std::string_view text);

}  // namespace sorrel::agent
