#pragma once

#include <chrono>
#include <memory>
#include <set>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace sorrel::sink {

// Wakes coroutines of one thread that wait for something to change. Whoever waits looks whether it
// has, and waits again otherwise; a ring while nobody waits is not remembered.
class Bell {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Bell(const boost::asio::any_io_executor& executor);
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  // All that wait now go on, in turn.
  void ring();
  // Until the next ring, or until then.
  boost::asio::awaitable<void> wait(Time until = Time::max());

 private:
  struct Waiters;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<Waiters> waiters_;  // a coroutine that is destroyed may outlive the bell
};

}  // namespace sorrel::sink
