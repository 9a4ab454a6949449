#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace sorrel::agent {

// A thread whose work may hang in the kernel or in a library: a name service that does not answer,
// a file system that is gone. Whoever stops it need not wait for that.
class WorkerThread {
 public:
  static constexpr std::uint32_t kForEver = UINT32_MAX;

  ~WorkerThread() { join(kForEver); }

  // Once. `name`: for ps(1) and debuggers.
  void start(const char* name, std::function<void()> run);
  // Waits until run() has returned, at most for `wait_ms`. False: it has not; then neither this nor
  // what run() uses may be destroyed, since it may come back at any time. Again true, when it was
  // not started.
  bool join(std::uint32_t wait_ms);

 private:
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable ends_;
  bool has_ended_ = false;  // under the mutex
};

}  // namespace sorrel::agent
