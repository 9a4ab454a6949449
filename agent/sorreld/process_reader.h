#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/counter.h"
#include "base/result.h"
#include "base/spsc_queue.h"
#include "enrich/options.h"
#include "host/container_state.h"
#include "host/exe_hash.h"
#include "host/proc_fs.h"
#include "pipeline/process_lookup.h"
#include "sorreld/hash_worker.h"
#include "sorreld/wakeup.h"
#include "sorreld/worker_thread.h"

namespace sorrel::agent {

struct ProcessReaderCounters {
  Counter read;        // processes that were looked up
  Counter ended;       // ... and ended meanwhile: some of what they had was missed
  Counter missing;     // ... and had gone already
  Counter unreadable;  // ... and /proc refused
};

// Reads /proc for the pipeline, on a thread of its own.
class ProcessReader final : public ProcessLookup {
 public:
  // Answers that are on their way at a time. Each keeps the memory of the largest it ever held.
  static constexpr std::size_t kPlaces = 256;

  // `ready` is called on the reader's thread when there are answers. `hashes` may be null; both
  // must outlive it. Errors: no descriptor is left.
  static Result<std::unique_ptr<ProcessReader>> create(host::ProcFs proc,
                                                       const enrich::Options& options,
                                                       const Clock& clock, HashWorker* hashes,
                                                       std::function<void()> ready);
  ~ProcessReader() override;

  void start();
  // False: it hangs in a look-up, and must not be destroyed (WorkerThread::join).
  bool stop(std::uint32_t wait_ms = WorkerThread::kForEver);

  ProcessQuestion* next_question() override { return questions_.free(); }
  void ask() override;
  void flush() override;
  ProcessAnswer* front() override { return answers_.front(); }
  void pop() override;
  bool has_answer() const override { return !answers_.empty(); }

  const ProcessReaderCounters& counters() const noexcept { return counters_; }

 private:
  ProcessReader(host::ProcFs proc, const enrich::Options& options, const Clock& clock,
                HashWorker* hashes, std::function<void()> ready, Wakeup wakeup);

  void run();
  void answer(const ProcessQuestion& question, ProcessAnswer& answer);
  void read_process(const ProcessQuestion& question, ProcessAnswer& answer);
  void find_container(ProcessAnswer& answer);
  void find_hash(const ProcessQuestion& question, ProcessAnswer& answer);

  host::ProcFs proc_;
  const Clock& clock_;
  HashWorker* const hashes_;
  const std::uint64_t max_hashed_bytes_;
  const std::function<void()> ready_;
  std::unique_ptr<host::ContainerState> containers_;  // null: not asked for
  SpscQueue<ProcessQuestion> questions_{kPlaces};
  SpscQueue<ProcessAnswer> answers_{kPlaces};
  Wakeup wakeup_;
  ProcessReaderCounters counters_;
  bool has_asked_ = false;  // the pipeline's: since the last flush()
  std::atomic<bool> ends_{false};
  WorkerThread thread_;
};

}  // namespace sorrel::agent
