#include "sorreld/reload.h"

#include <utility>

namespace sorrel::agent {
namespace {

template <class T>
void keep(T& value, const T& current, const char* name, std::vector<std::string>& needs_restart) {
  if (value == current) return;
  value = current;
  needs_restart.emplace_back(name);
}

}  // namespace

ReloadPlan plan_reload(const config::Options& current, const config::Options& wanted,
                       bool has_buffer) {
  ReloadPlan plan{.options = wanted, .needs_restart = {}};
  config::Options& options = plan.options;
  auto& restart = plan.needs_restart;
  keep(options.user, current.user, "user", restart);
  keep(options.state_dir, current.state_dir, "state_dir", restart);
  keep(options.input, current.input, "input", restart);
  keep(options.control, current.control, "control", restart);
  if (has_buffer) keep(options.buffer, current.buffer, "buffer", restart);
  keep(options.event, current.event, "events", restart);
  enrich::Options& enrich = options.enrich;
  keep(enrich.name_service, current.enrich.name_service, "enrich.name_service", restart);
  keep(enrich.container_names, current.enrich.container_names, "enrich.container_names", restart);
  keep(enrich.environment, current.enrich.environment, "enrich.environment", restart);
  keep(enrich.hash, current.enrich.hash, "enrich.exe_hash", restart);
  keep(enrich.processes, current.enrich.processes, "enrich.processes", restart);
  netlink::Options& kernel = options.netlink;
  const netlink::Options& now = current.netlink;
  keep(kernel.receive_buffer_bytes, now.receive_buffer_bytes, "kernel.receive_buffer", restart);
  keep(kernel.fall_back_to_multicast, now.fall_back_to_multicast, "kernel.fall_back_to_multicast",
       restart);
  keep(kernel.take_over_when_free, now.take_over_when_free, "kernel.take_over_when_free", restart);
  keep(kernel.heartbeat_ms, now.heartbeat_ms, "kernel.heartbeat", restart);
  keep(kernel.heartbeat_stall_ms, now.heartbeat_stall_ms, "kernel.heartbeat_after_stall", restart);
  return plan;
}

}  // namespace sorrel::agent
