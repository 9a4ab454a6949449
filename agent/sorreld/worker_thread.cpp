#include "sorreld/worker_thread.h"

#include <sys/prctl.h>

#include <chrono>
#include <utility>

namespace sorrel::agent {

void WorkerThread::start(const char* name, std::function<void()> run) {
  thread_ = std::thread([this, name, work = std::move(run)] {
    ::prctl(PR_SET_NAME, name);
    work();
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ends_.notify_all();
  });
}

bool WorkerThread::join(std::uint32_t wait_ms) {
  if (!thread_.joinable()) return true;
  if (wait_ms != kForEver) {
    std::unique_lock lock(mutex_);
    const auto time = std::chrono::milliseconds(wait_ms);
    if (!ends_.wait_for(lock, time, [this] { return has_ended_; })) return false;
  }
  thread_.join();
  return true;
}

}  // namespace sorrel::agent
