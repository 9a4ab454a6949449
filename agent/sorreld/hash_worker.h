#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/counter.h"
#include "base/fd.h"
#include "host/exe_hash.h"
#include "host/lru_cache.h"
#include "pipeline/annotator.h"
#include "sorreld/worker_thread.h"

namespace sorrel::agent {

// Reads and hashes the programs that are executed, on a thread of its own: ten megabytes take some
// milliseconds, in which nothing else may wait.
class HashWorker {
 public:
  static constexpr std::size_t kMaxWaiting = 256;

  // `done` is called on the worker's thread. False: it took nothing, which is counted.
  using Done = std::function<bool(const LateAnswer&)>;
  HashWorker(const host::ExeHashOptions& options, Done done);
  ~HashWorker();

  void start();
  // False: it hangs in a file, and must not be destroyed (WorkerThread::join).
  bool stop(std::uint32_t wait_ms = WorkerThread::kForEver);

  // Any thread: what is remembered of a file.
  std::optional<host::Sha256> find(const host::FileId& file);
  // Any thread: hashes a file soon, unless too many are waiting, which is counted.
  void hash(Fd executable, std::string exe, std::string event_id, std::uint32_t pid);

  // Hashes that were not made, or not told, since too many were waiting.
  std::uint64_t dropped() const noexcept { return dropped_.value() + undelivered_.value(); }

 private:
  struct FileIdHash {
    std::size_t operator()(const host::FileId& file) const noexcept;
  };
  struct Job {
    Fd executable;
    LateAnswer result;
  };

  void run();
  void work(Job job);
  void deliver(const LateAnswer& result);

  const Done done_;
  host::ExeHasher hasher_;  // the thread's; it reads without the mutex
  Counter dropped_;         // by who asks; the other by the thread
  Counter undelivered_;
  std::mutex mutex_;  // of the rest
  std::condition_variable wakes_;
  std::deque<Job> jobs_;
  host::LruCache<host::FileId, host::Sha256, FileIdHash> known_;
  bool ends_ = false;
  WorkerThread thread_;
};

}  // namespace sorrel::agent
