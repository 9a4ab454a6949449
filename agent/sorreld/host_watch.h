#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "enrich/options.h"
#include "host/name_source.h"
#include "pipeline/enrichment.h"
#include "sorreld/hash_worker.h"
#include "sorreld/name_resolver.h"
#include "sorreld/process_reader.h"

namespace sorrel::agent {

// What the host did not answer.
struct HostStatistics {
  std::uint64_t ended = 0;       // processes that ended while they were read in /proc, or before
  std::uint64_t unreadable = 0;  // ... that /proc refused
  std::uint64_t names_asked = 0;
  std::uint64_t names_skipped = 0;   // too many waiting for the name service
  std::uint64_t hashes_skipped = 0;  // too many waiting to be hashed
};

// What sorreld knows, and finds out, of the host that it runs on: its processes, the users of its
// name service, hashes of its programs; and the threads that do it. For an input that is not of
// this host it knows only what the events say.
class HostWatch {
 public:
  struct Hooks {
    std::function<void()> has_answers;  // the pipeline should look
    HashWorker::Done has_hash;          // of an event that has gone out
  };

  HostWatch(const enrich::Options& options, const Clock& clock);
  ~HostWatch();

  // Opens /proc and prepares the threads. Of the hooks, each is called on a thread of ours. Errors:
  // none that matter more than events: without /proc a warning is logged, and nothing is asked.
  void open(Hooks hooks);
  // Reads all processes into the table, for at most kSeedNs; what is left is read when it turns up.
  // Before the threads.
  void seed();
  void start();
  // The hooks are not called any more. A thread that hangs (a name service, /proc of a process that
  // makes it wait, a file of a dead server) is given up after kStopMs, and ends with the program.
  void stop();
  // Keeps what is known of processes and sessions over a restart, in a file of the state folder.
  // restore() comes before seed(), which says what has changed meanwhile; save() after stop().
  void restore(const std::string& state_dir, const std::string& boot_id);
  void save(const std::string& state_dir, const std::string& boot_id);

  ProcessKnowledge& knowledge() noexcept { return knowledge_; }
  EnrichmentCounters& counters() noexcept { return counters_; }
  HostStatistics statistics() const noexcept;
  LiveHost live() noexcept { return {processes_.get(), names_.get()}; }
  bool is_open() const noexcept { return processes_ != nullptr; }

 private:
  static constexpr std::uint64_t kSeedNs = 2'000'000'000;
  static constexpr std::uint32_t kStopMs = 500;

  void open_names();

  const enrich::Options options_;
  const Clock& clock_;
  ProcessKnowledge knowledge_;
  EnrichmentCounters counters_;
  std::unique_ptr<host::NssNames> nss_;
  std::unique_ptr<HashWorker> hashes_;
  std::unique_ptr<ProcessReader> processes_;
  std::unique_ptr<NameResolver> names_;
};

}  // namespace sorrel::agent
