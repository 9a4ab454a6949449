#pragma once

#include <cstdint>
#include <string_view>

#include "enrich/options.h"
#include "enrich/process_table.h"
#include "enrich/sessions.h"
#include "host/proc_facts.h"
#include "pipeline/annotator.h"

namespace sorrel::agent {

// What is known of processes. It outlives the annotators, which a reload makes anew.
struct ProcessKnowledge {
  explicit ProcessKnowledge(const enrich::ProcessOptions& options)
      : table({.max_processes = options.max,
               .keep_ended_ms = std::uint64_t{options.keep_exited_s} * 1000}) {}

  enrich::ProcessTable table;
  enrich::Sessions sessions;
  // Inode of the pid namespace whose numbers the records have; 0: not known, as for files.
  std::uint64_t pid_namespace = 0;
  // Of questions to the host: an answer may come when the annotator that asked is gone.
  Ticket last_ticket = 0;
};

// What the table takes of what /proc had.
enrich::ProcProcess proc_process(const host::ProcFacts& facts);
// Tells the table where `process`, which add_from_proc() has just given, runs. What /proc did not
// say stays as it was, inherited from the parent as a rule.
void learn_facts(enrich::ProcessTable& table, const enrich::Process& process,
                 const host::ProcFacts& facts, std::string_view container_name,
                 std::string_view container_image);
// The init of a pid namespace of its own: orphans of a container become its children.
bool is_reaper(const host::ProcFacts& facts) noexcept;

}  // namespace sorrel::agent
