#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "enrich/enricher.h"
#include "enrich/options.h"
#include "event/event.h"
#include "pipeline/annotator.h"
#include "pipeline/process_knowledge.h"
#include "pipeline/process_lookup.h"

namespace sorrel::agent {

struct EnrichmentCounters;

// Decides what the host is asked about the processes of events, and tells the table of processes
// what it answers. Each exec is asked about, and the event waits; a process that turns up without
// an exec, or as a parent, is asked about once, and nothing waits. Both only up to a number between
// two ticks, which are a second apart.
class HostQuestions {
 public:
  HostQuestions(const enrich::Options& options, ProcessKnowledge& knowledge,
                EnrichmentCounters& counters, ProcessLookup& lookup);

  // After an event was learned from. The ticket that it should wait for, or 0. Sets event.not_asked
  // where it should have been asked about, and was not.
  Ticket learned(event::Event& event, const enrich::Processes::Lesson& lesson);
  void flush() { lookup_.flush(); }

  // Takes in answers, up to the first that an event waits for.
  std::optional<Ticket> next_answer();
  bool has_answers() const { return lookup_.has_answer(); }
  // What the answer that next_answer() gave last has for its event. Valid until its next call.
  enrich::HostAnswer answer();
  // What it has for an event that has gone out already.
  std::optional<LateAnswer> late_answer() const;

  // Once a second.
  void tick(std::uint64_t time_ns);

 private:
  void ask_for_parent(std::uint32_t pid);
  bool ask(std::uint32_t pid, bool is_exec, Ticket ticket, std::string_view event_id);
  void ask_for_pids();
  void take_process(const ProcessAnswer& answer);
  void take_pids(ProcessAnswer& answer);

  const enrich::Options options_;
  ProcessKnowledge& knowledge_;
  EnrichmentCounters& counters_;
  ProcessLookup& lookup_;
  const std::uint32_t parts_;       // of a process
  const std::uint32_t exec_parts_;  // of a new program

  const ProcessAnswer* current_ = nullptr;  // the lookup's front: of the ticket given last
  bool is_of_another_ = false;              // a process that has the pid by now
  std::string hash_text_;
  std::uint32_t asked_ = 0;  // since the last tick
  // Parents that were asked about since the last tick, by their pid's last bits: all events of a
  // child name one that has gone, and one answer is enough.
  static constexpr std::size_t kParents = 256;
  std::array<std::uint32_t, kParents> parents_{};
  std::uint64_t next_sweep_ns_ = 0;
  bool is_listing_ = false;
};

}  // namespace sorrel::agent
