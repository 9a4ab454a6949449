#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/fd.h"
#include "control/server.h"

// Inside of lib/control: it brings Asio's sockets with it.
namespace sorrel::control {

class Session;

// What the sessions of a server share. They keep it alive; `is_stopped` tells them that the server
// has gone.
class Server::Core {
 public:
  Core(const boost::asio::any_io_executor& on, Listener at, Access who, const Limits& most)
      : executor(on), listener(std::move(at)), access(std::move(who)), limits(most) {}

  const boost::asio::any_io_executor executor;
  std::optional<Listener> listener;
  std::string path;
  const Access access;
  const Limits limits;
  Counters counters;
  std::map<std::string, Handler, std::less<>> handlers;
  std::set<Session*> sessions;
  std::function<void()> stop_accepting;
  bool is_stopped = false;
};

// One connection: reads a request, has it answered, sends the answer; again, until the peer goes,
// or is too slow.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Server::Core> core, Fd socket);
  ~Session();

  boost::asio::awaitable<void> run();
  // The server goes.
  void abandon();

 private:
  using Clock = std::chrono::steady_clock;
  using Wait = boost::asio::posix::stream_descriptor::wait_type;
  enum class Ended : std::uint8_t { no, timeout, closed };

  // Waits until the socket is ready. One deadline a session: passing it ends the session.
  boost::asio::awaitable<Ended> ready(Wait what, Clock::time_point deadline);
  // The next request. Nothing: the session is over.
  boost::asio::awaitable<std::optional<std::string>> read_line();
  // False: the session is over.
  boost::asio::awaitable<bool> send_answer();
  boost::asio::awaitable<bool> wait_for_handler();
  boost::asio::awaitable<bool> send(const std::string& bytes);

  void watch_hang_up();
  void begin(const std::string& line);
  // A last word, as far as the peer takes it at once.
  void say(const std::string& line) noexcept;
  void close();

  const std::shared_ptr<Server::Core> core_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer bell_;  // rung when the handler has given something
  std::uint64_t waits_ = 0;         // tells a deadline whose wait is over from the present one
  bool is_listening_to_bell_ = false;
  std::string input_;
  std::string output_;
  std::shared_ptr<Answer> answer_;
};

// Runs a coroutine; what escapes from it is logged and ends it alone.
void spawn_logged(const boost::asio::any_io_executor& executor,
                  boost::asio::awaitable<void> coroutine);

}  // namespace sorrel::control
