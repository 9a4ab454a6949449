#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "control/options.h"
#include "control/server.h"
#include "sorreld/privileges.h"
#include "sorreld/reactor.h"
#include "sorreld/statistics.h"

namespace sorrel::agent {

// Opens the control socket: while there are privileges for it. `account` is whom the daemon will
// be. Nothing when the options turn it off. Errors: somebody listens there, there is no such group,
// the kernel refuses.
Result<std::unique_ptr<control::Server>> open_control(const control::Options& options,
                                                      const std::optional<Account>& account,
                                                      const Reactor& reactor);

// Makes `server` answer the command "status" by one row: the statistics of the moment, the version,
// the pid, and what the control socket itself has counted.
void serve_status(control::Server& server, std::function<Statistics()> statistics);

// The row.
std::string status_row(const Statistics& statistics, const control::Counters& counters);

}  // namespace sorrel::agent
