#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "enrich/packed_id.h"
#include "host/exe_hash.h"
#include "host/proc_facts.h"
#include "host/proc_fs.h"
#include "pipeline/annotator.h"

namespace sorrel::agent {

struct ProcessQuestion {
  enum class About : std::uint8_t { process, all_pids };

  Ticket ticket = 0;
  About about = About::process;
  bool is_exec = false;  // of a new program: its hash and environment are wanted, too
  std::uint32_t pid = 0;
  std::uint32_t parts = 0;   // host::part::k*
  enrich::PackedId id = {};  // with the pid, who is meant; none: whoever has the pid
  // is_exec:
  std::string event_id;  // what a hash that comes later refers to
  std::string exe;       // the program as the event has it; empty: not known
};

// Used again and again: what it holds keeps its memory.
struct ProcessAnswer {
  Ticket ticket = 0;
  ProcessQuestion::About about = ProcessQuestion::About::process;
  std::uint32_t pid = 0;
  enrich::PackedId id = {};
  std::uint32_t parts = 0;  // what was asked for
  std::string event_id;
  host::ProcRead result = host::ProcRead::missing;
  // The process runs another program than the event's already: what belongs to a program (its
  // environment, its hash) is not the event's.
  bool is_other_program = false;
  host::ProcFacts facts;
  std::string container_name;  // of the runtime's files
  std::string container_image;
  std::optional<host::Sha256> exe_hash;  // known without reading the file
  std::vector<std::uint32_t> pids;       // all_pids; the reader of the answer takes them
  std::uint64_t listed_ms = 0;           // when that list was complete, since the epoch
};

// Asks the host about processes, elsewhere than on the pipeline's thread, which calls all of this
// and never waits.
class ProcessLookup {
 public:
  virtual ~ProcessLookup() = default;
  // The question to fill in, or null: too many are waiting. ask() takes it.
  virtual ProcessQuestion* next_question() = 0;
  virtual void ask() = 0;
  // After a batch of questions: they are looked at now.
  virtual void flush() = 0;
  // The next answer, in the order of the questions; null when there is none. The caller's until
  // pop().
  virtual ProcessAnswer* front() = 0;
  virtual void pop() = 0;
  virtual bool has_answer() const = 0;
};

}  // namespace sorrel::agent
