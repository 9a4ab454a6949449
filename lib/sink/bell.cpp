#include "sink/bell.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

}  // namespace

struct Bell::Waiters {
  std::set<asio::steady_timer*> timers;
};

Bell::Bell(const asio::any_io_executor& executor)
    : executor_(executor), waiters_(std::make_shared<Waiters>()) {}

Bell::~Bell() = default;

void Bell::ring() {
  for (asio::steady_timer* const timer : waiters_->timers) timer->cancel();
}

asio::awaitable<void> Bell::wait(Time until) {
  struct Entry {
    Entry(const asio::any_io_executor& executor, std::shared_ptr<Waiters> all, Time at)
        : timer(executor, at), waiters(std::move(all)) {
      waiters->timers.insert(&timer);
    }
    ~Entry() { waiters->timers.erase(&timer); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    asio::steady_timer timer;
    std::shared_ptr<Waiters> waiters;
  };
  Entry entry(executor_, waiters_, until);
  co_await entry.timer.async_wait(kNoThrow);
}

}  // namespace sorrel::sink
