#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace sorrel::agent {

// What the reactor calls, on the thread that runs it.
struct ReactorHandlers {
  std::function<void()> terminate;  // SIGTERM, SIGINT: the first one
  std::function<void()> reload;     // SIGHUP
  std::function<void()> every_second;
  std::function<std::chrono::milliseconds()> beat;  // returns when to call it again
  std::function<void()> poll;
  std::function<void()> every_period;
};

struct ReactorPeriods {
  std::chrono::milliseconds poll{0};    // 0: never
  std::chrono::milliseconds period{0};  // 0: never
};

// Signals and timers on one io_context, hidden here so that Asio is compiled once.
class Reactor {
 public:
  Reactor(ReactorHandlers handlers, const ReactorPeriods& periods);
  ~Reactor();

  // Runs until stop(). A second SIGTERM or SIGINT ends the process at once.
  void run();
  // Any thread.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sorrel::agent
