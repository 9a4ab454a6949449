#include "sorreld/reactor.h"

#include <unistd.h>

#include <csignal>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace sorrel::agent {

namespace asio = boost::asio;
using std::chrono::milliseconds;

struct Reactor::Impl {
  Impl(ReactorHandlers h, const ReactorPeriods& p) : handlers(std::move(h)), periods(p) {}

  void wait_for_signal() {
    signals.async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;
      if (number == SIGHUP) {
        handlers.reload();
      } else if (!terminating) {
        terminating = true;
        // From here on the signals end the process, as they do without us.
        signals.clear();
        handlers.terminate();
        return;
      }
      wait_for_signal();
    });
  }

  // Calls `task`, which returns when to call it again; 0 ends it.
  void repeat(asio::steady_timer& timer, milliseconds delay, std::function<milliseconds()> task) {
    if (delay.count() == 0) return;
    timer.expires_after(delay);
    timer.async_wait(
        [this, &timer, task = std::move(task)](const boost::system::error_code& error) {
          if (error) return;
          const milliseconds next = task();
          repeat(timer, next, task);
        });
  }

  ReactorHandlers handlers;
  ReactorPeriods periods;
  asio::io_context io{1};
  asio::signal_set signals{io, SIGTERM, SIGINT, SIGHUP};
  asio::steady_timer second{io};
  asio::steady_timer heartbeat{io};
  asio::steady_timer poll{io};
  asio::steady_timer period{io};
  bool terminating = false;
};

Reactor::Reactor(ReactorHandlers handlers, const ReactorPeriods& periods)
    : impl_(std::make_unique<Impl>(std::move(handlers), periods)) {}

Reactor::~Reactor() = default;

void Reactor::run() {
  Impl& r = *impl_;
  r.wait_for_signal();
  const auto every = [](milliseconds interval, const std::function<void()>& task) {
    return [interval, task] {
      task();
      return interval;
    };
  };
  constexpr milliseconds kSecond{1000};
  r.repeat(r.second, kSecond, every(kSecond, r.handlers.every_second));
  r.repeat(r.heartbeat, milliseconds{1}, r.handlers.beat);
  r.repeat(r.poll, r.periods.poll, every(r.periods.poll, r.handlers.poll));
  r.repeat(r.period, r.periods.period, every(r.periods.period, r.handlers.every_period));
  r.io.run();
}

void Reactor::stop() {
  impl_->io.stop();
}

}  // namespace sorrel::agent
