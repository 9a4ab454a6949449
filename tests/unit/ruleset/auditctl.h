#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sorrel::ruleset {

// Compiles one rule with the libaudit that is installed, as auditctl drives it. Nothing when
// libaudit refuses it. `error` is its number then.
// Nothing is sent to the kernel but the question for its features.
struct AuditctlAnswer {
  std::vector<std::byte> bytes;
  int error = 0;
};
AuditctlAnswer auditctl_compile(std::string_view line);

// Whether libaudit can learn that the kernel knows exe, sessionid and fstype; without the right to
// ask it refuses them.
bool auditctl_knows_features();

}  // namespace sorrel::ruleset
