#pragma once

#include <string_view>

#include "base/result.h"
#include "netlink/control_socket.h"

namespace sorrel::netlink {

// What AUDIT_GET_FEATURE answers (struct audit_features, linux/audit.h; Linux 3.13).
struct KernelFeatures {
  bool loginuid_immutable = false;  // an auid that was set once stays
};

// Errors: this kernel has no features; those of ControlSocket.
Result<KernelFeatures> kernel_features(ControlSocket& control);

// Turns loginuid_immutable on and locks it: neither can be taken back before a reboot.
Status lock_loginuid(ControlSocket& control);

// A rule on a folder of `mount` shall hold in `subtree`, too, where that is mounted as well
// (AUDIT_MAKE_EQUIV).
Status make_equivalent(ControlSocket& control, std::string_view mount, std::string_view subtree);

}  // namespace sorrel::netlink
