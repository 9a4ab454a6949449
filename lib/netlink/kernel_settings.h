#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "netlink/control_socket.h"
#include "netlink/kernel_status.h"
#include "netlink/options.h"

namespace sorrel::netlink {

// One setting that was changed, or could not be.
struct SettingOutcome {
  enum class Kind : std::uint8_t {
    changed,
    refused,  // the kernel said no: an error of the configuration
    locked,   // enabled is 2: nothing can change before a reboot, which is no error
    unknown,  // this kernel has no such setting
  };
  Setting setting = Setting::enabled;
  std::uint32_t before = 0;
  std::uint32_t wanted = 0;
  Kind kind = Kind::changed;
  std::string message;  // for people
};

struct SettingsReport {
  std::vector<SettingOutcome> outcomes;  // nothing for a setting that already was as wanted
  KernelStatus status;                   // as read back at the end
  bool ok() const noexcept;              // nothing was refused
};

// Makes the kernel's settings as wanted, one request each: limits first, `enabled` last, since 2
// locks the others. What already is as wanted is not written (each write is a record). Every
// change is read back. Errors: the kernel does not answer; a refusal is an outcome, not an error.
Result<SettingsReport> apply_settings(ControlSocket& control, const KernelSettings& wanted);

// What `status` has for the settings that `wanted` names: pass it to apply_settings() to restore.
KernelSettings remember_settings(const KernelStatus& status, const KernelSettings& wanted);

}  // namespace sorrel::netlink
