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

void take_cgroup(const host::CgroupInfo& cgroup, enrich::ProcessFacts& facts) {
  facts.container_id = container_id_of(cgroup);
  facts.runtime = host::runtime_name(cgroup.runtime);
  facts.pod = cgroup.pod_uid();
  facts.unit = cgroup.unit;
  facts.slice = cgroup.slice;
  facts.user_unit = cgroup.user_unit;
  facts.services.clear();
  for (const std::string_view service : cgroup.services()) {
    if (!facts.services.empty()) facts.services += '/';
    facts.services += service;
  }
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

void learn_facts(enrich::ProcessTable& table, const enrich::Process& process,
                 const host::ProcFacts& facts, std::string_view container_name,
                 std::string_view container_image) {
  const bool knows_namespaces = facts.knows(host::part::kNamespaces);
  const bool knows_cgroup = facts.knows(host::part::kCgroup);
  if (!knows_namespaces && !knows_cgroup) return;
  enrich::ProcessFacts made;
  if (!knows_namespaces || !knows_cgroup) made = table.facts(process);
  if (knows_namespaces) made.pid_namespace = facts.pid_namespace;
  if (knows_cgroup) take_cgroup(facts.cgroup, made);
  if (knows_cgroup) made.container_name = container_name;
  if (knows_cgroup) made.container_image = container_image;
  // As inherited, most of the time: nothing has to be looked up then.
  if (made == table.facts(process)) return;
  table.set_facts({process.pid, process.id}, made);
}

}  // namespace sorrel::agent
