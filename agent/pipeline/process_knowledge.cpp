#include "pipeline/process_knowledge.h"

#include <string>

namespace sorrel::agent {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;

// The names of LXC's and nspawn's containers are in a cgroup's spelling.
std::string container_id_of(const host::CgroupInfo& cgroup) {
  if (!cgroup.container_id_escaped) return std::string(cgroup.container_id);
  std::string id(cgroup.container_id.size(), '\0');
  id.resize(host::unescape_unit(cgroup.container_id, id.data()));
  return id;
}

}  // namespace

enrich::ProcProcess proc_process(const host::ProcFacts& facts) {
  enrich::ProcProcess process;
  process.pid = facts.pid;
  process.ppid = facts.ppid;
  process.start_ticks = facts.start_ticks;
  process.start_ms = facts.start_ns / kNsPerMs;
  process.session = facts.session_id;
  process.auid = facts.login_uid;
  process.comm = facts.comm();
  process.exe = facts.exe;
  return process;
}

bool is_reaper(const host::ProcFacts& facts) noexcept {
  return facts.knows(host::part::kNamespacePid) && facts.namespace_pid == 1;
}

enrich::ProcessFacts process_facts(const host::ProcFacts& facts) {
  enrich::ProcessFacts made;
  made.pid_namespace = facts.pid_namespace;
  made.mount_namespace = facts.mount_namespace;
  if (!facts.knows(host::part::kCgroup)) return made;
  const host::CgroupInfo& cgroup = facts.cgroup;
  made.container_id = container_id_of(cgroup);
  made.runtime = host::runtime_name(cgroup.runtime);
  made.pod = cgroup.pod_uid();
  made.unit = cgroup.unit;
  made.slice = cgroup.slice;
  made.user_unit = cgroup.user_unit;
  for (const std::string_view service : cgroup.services()) {
    if (!made.services.empty()) made.services += '/';
    made.services += service;
  }
  return made;
}

}  // namespace sorrel::agent
