#pragma once

#include <memory>
#include <string>

#include "base/counter.h"
#include "base/result.h"
#include "enrich/names.h"
#include "enrich/options.h"
#include "pipeline/annotator.h"
#include "pipeline/process_knowledge.h"
#include "pipeline/process_lookup.h"

namespace sorrel::agent {

// What a live host is asked through; each may be null.
struct LiveHost {
  ProcessLookup* processes = nullptr;
  enrich::MoreNames* names = nullptr;
};

struct EnrichmentCounters {
  Counter asked;     // processes that were looked up in /proc
  Counter skipped;   // ... that were not: too many a second, or too many waiting
  Counter redacted;  // secrets that were taken out; one in EXECVE and in PROCTITLE counts twice
};

// What annotates events as the configuration says; null when it says nothing. `root` is the folder
// whose etc/passwd and etc/group name the users, "/" on a live host; empty: users have no names.
// `knowledge`, `counters` and what `live` points to must outlive it.
// Errors: the folder, or one of the two files, cannot be read; a file of secret patterns cannot be
// used.
Result<std::unique_ptr<Annotator>> make_annotator(const enrich::Options& options,
                                                  const std::string& root,
                                                  ProcessKnowledge& knowledge,
                                                  EnrichmentCounters& counters,
                                                  const LiveHost& live = {});

}  // namespace sorrel::agent
