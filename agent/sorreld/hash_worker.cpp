#include "sorreld/hash_worker.h"

#include <sys/stat.h>

#include <utility>

namespace sorrel::agent {

std::size_t HashWorker::FileIdHash::operator()(const host::FileId& file) const noexcept {
  return std::hash<std::uint64_t>()(file.inode * 0x9e3779b97f4a7c15 ^ file.device);
}

// The hasher itself remembers nothing: what is known must be found while it reads.
HashWorker::HashWorker(const host::ExeHashOptions& options, Done done)
    : done_(std::move(done)),
      hasher_({.max_file_bytes = options.max_file_bytes, .cache_entries = 0}),
      known_(options.cache_entries) {}

HashWorker::~HashWorker() {
  stop();
}

void HashWorker::start() {
  thread_.start("hash", [this] { run(); });
}

bool HashWorker::stop(std::uint32_t wait_ms) {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wakes_.notify_one();
  return thread_.join(wait_ms);
}

std::optional<host::Sha256> HashWorker::find(const host::FileId& file) {
  const std::lock_guard lock(mutex_);
  const host::Sha256* const digest = known_.find(file);
  return digest == nullptr ? std::nullopt : std::optional(*digest);
}

void HashWorker::hash(Fd executable, std::string exe, std::string event_id, std::uint32_t pid) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= kMaxWaiting) return dropped_.add();
    jobs_.push_back({std::move(executable), {std::move(event_id), pid, std::move(exe), {}}});
  }
  wakes_.notify_one();
}

void HashWorker::run() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wakes_.wait(lock, [this] { return ends_ || !jobs_.empty(); });
      if (ends_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    work(std::move(job));
  }
}

// Several jobs may be about one file, asked for before the first was done: it is read once.
void HashWorker::work(Job job) {
  struct stat status {};
  if (::fstat(job.executable.get(), &status) != 0) return;
  if (const std::optional<host::Sha256> known = find(host::file_id(status))) {
    job.result.digest = *known;
    return deliver(job.result);
  }
  const host::ExeHash hashed = hasher_.hash(job.executable.get());
  if (hashed.state != host::HashState::hashed) return;
  {
    const std::lock_guard lock(mutex_);
    known_.put(hashed.file, hashed.digest);
    // It took so long that nobody is there any more.
    if (ends_) return;
  }
  job.result.digest = hashed.digest;
  deliver(job.result);
}

void HashWorker::deliver(const LateAnswer& result) {
  if (!done_(result)) undelivered_.add();
}

}  // namespace sorrel::agent
