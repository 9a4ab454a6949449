#include "sorreld/reactor.h"

#include <fcntl.h>

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/check.h"
#include "base/exception_text.h"
#include "base/log.h"

namespace sorrel::agent {
namespace {

namespace asio = boost::asio;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> repeat_work(std::function<std::uint32_t()> work) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    const std::uint32_t wait_ms = work();
    if (wait_ms == Reactor::kNever) co_return;
    timer.expires_after(std::chrono::milliseconds(wait_ms));
    const auto [error] = co_await timer.async_wait(kNoThrow);
    if (error) co_return;
  }
}

asio::awaitable<void> serve_descriptor(int fd, std::function<void()> work) {
  asio::posix::stream_descriptor descriptor(co_await asio::this_coro::executor, fd);
  for (;;) {
    const auto [error] =
        co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read, kNoThrow);
    if (error) co_return;
    work();
  }
}

}  // namespace

class Reactor::Loop {
 public:
  // Never bare `detached`: what escapes from a coroutine is told, and ends the loop.
  void spawn_logged(const char* name, asio::awaitable<void> coroutine) {
    asio::co_spawn(io_, std::move(coroutine), [this, name](std::exception_ptr escaped) {
      if (!escaped) return;
      log(Level::error, "a task of the main thread failed; ending",
          {{"task", name}, {"error", text_of(escaped)}});
      io_.stop();
    });
  }

  asio::io_context& io() noexcept { return io_; }

 private:
  asio::io_context io_{1};
};

Reactor::Reactor() : loop_(std::make_unique<Loop>()) {}
Reactor::~Reactor() = default;

void Reactor::repeat(const char* name, std::function<std::uint32_t()> work) {
  loop_->spawn_logged(name, repeat_work(std::move(work)));
}

void Reactor::on_readable(const char* name, int fd, std::function<void()> work) {
  // Asio closes what it is given.
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  SORREL_CHECK(copy >= 0, "no descriptor is left at the start");
  loop_->spawn_logged(name, serve_descriptor(copy, std::move(work)));
}

void Reactor::post(std::function<void()> work) {
  asio::post(loop_->io(), std::move(work));
}

asio::any_io_executor Reactor::executor() const {
  return loop_->io().get_executor();
}

void Reactor::run() {
  const auto guard = asio::make_work_guard(loop_->io());
  loop_->io().run();
}

bool Reactor::run_until(const std::function<bool()>& is_done, std::uint32_t limit_ms) {
  constexpr std::chrono::milliseconds kLook{5};
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
  const auto guard = asio::make_work_guard(loop_->io());
  while (!is_done()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    // Each time: what was posted before may stop it once more.
    loop_->io().restart();
    loop_->io().run_one_for(kLook);
  }
  return true;
}

void Reactor::stop() {
  loop_->io().stop();
}

}  // namespace sorrel::agent
