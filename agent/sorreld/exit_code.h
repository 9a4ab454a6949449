#pragma once

namespace sorrel::agent {

// What sorreld ends with.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,         // at run time; the log says why
  kExitUsage = 2,          // a wrong command line
  kExitConfiguration = 3,  // the configuration has errors
  kExitNotAuditd = 4,      // another audit daemon is registered, and falling back was not allowed
};

}  // namespace sorrel::agent
