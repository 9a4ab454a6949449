#pragma once

#include <string>

#include "config/options.h"

namespace sorrel::agent {

// What this host is called, for NODE and EVENT_UID. Whatever cannot be read is empty.
struct HostIdentity {
  std::string node;        // as configured
  std::string machine_id;  // /etc/machine-id
  std::string boot_id;     // the kernel's, new at each boot
  std::string kernel;      // its release, "6.1.0-18-amd64"
};

// `root` is "/", or a folder with etc/ and proc/ in a test.
HostIdentity read_host_identity(const config::NodeOptions& node, const std::string& root);

}  // namespace sorrel::agent
