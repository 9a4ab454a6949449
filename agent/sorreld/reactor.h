#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

namespace sorrel::agent {

// The main thread's loop: timers, descriptors, and what other threads post. An io_context of Asio's
// behind it, kept out of the headers.
class Reactor {
 public:
  static constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();

  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Runs `work` at once, and again after as many milliseconds as it returns; kNever ends it. `name`
  // is for the log and lives for ever.
  void repeat(const char* name, std::function<std::uint32_t()> work);
  // Runs `work` whenever `fd` is readable. The descriptor stays the caller's, and outlives this.
  void on_readable(const char* name, int fd, std::function<void()> work);
  // Any thread: runs `work` in the loop.
  void post(std::function<void()> work);

  // For what has coroutines of its own, which must be gone before this is.
  boost::asio::any_io_executor executor() const;

  // After stop(): goes on until `is_done`, which is asked often, or for `limit_ms`. Returns what it
  // said last.
  bool run_until(const std::function<bool()>& is_done, std::uint32_t limit_ms);
  // Runs until stop(). What `work` throws is logged and ends the loop.
  void run();
  // Any thread.
  void stop();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace sorrel::agent
