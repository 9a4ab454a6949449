#include "control/server.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/check.h"
#include "base/log.h"
#include "control/session.h"

namespace sorrel::control {
namespace {

namespace asio = boost::asio;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kOutOfFilesWait{100};

void refuse(int socket, const std::string& line) noexcept {
  // Best effort: a socket that is new has room.
  [[maybe_unused]] const ssize_t sent =
      ::send(socket, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

// Its frame keeps the session alive.
asio::awaitable<void> run_session(std::shared_ptr<Session> session) {
  co_await session->run();
}

void admit(const std::shared_ptr<Server::Core>& core, Fd socket) {
  const auto peer = peer_of(socket.get());
  if (!peer || !core->access.allows(*peer)) {
    core->counters.refused.add();
    const std::string why = peer ? core->access.refusal(*peer) : peer.error().to_string();
    log(Level::warning, "a process may not use the control socket",
        {{"pid", std::to_string(peer ? peer->pid : 0)}, {"why", why}});
    return refuse(socket.get(), error_line("permission_denied", why));
  }
  if (core->sessions.size() >= core->limits.connections) {
    core->counters.over_limit.add();
    return refuse(socket.get(),
                  error_line("too_many_connections", "sorreld serves " +
                                                         std::to_string(core->limits.connections) +
                                                         " connections at a time; try again"));
  }
  core->counters.connections.add();
  spawn_logged(core->executor, run_session(std::make_shared<Session>(core, std::move(socket))));
}

// False: there are no descriptors left, and the connection waits in the kernel's queue.
bool accept_all(const std::shared_ptr<Server::Core>& core) {
  for (;;) {
    Fd socket(::accept4(core->listener->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket) {
      admit(core, std::move(socket));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
    core->counters.out_of_files.add();
    return false;
  }
}

asio::awaitable<void> accept_connections(std::shared_ptr<Server::Core> core) {
  // Asio closes what it is given, and the listener stays the core's.
  Fd copy(::fcntl(core->listener->fd(), F_DUPFD_CLOEXEC, 0));
  if (!copy) co_return;
  asio::posix::stream_descriptor descriptor(core->executor, copy.release());
  asio::steady_timer pause(core->executor);
  core->stop_accepting = [&descriptor, &pause] {
    boost::system::error_code ignored;
    descriptor.close(ignored);
    pause.cancel();
  };
  while (!core->is_stopped) {
    const auto [error] =
        co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read, kNoThrow);
    if (error || core->is_stopped) break;
    if (accept_all(core)) continue;
    pause.expires_after(kOutOfFilesWait);
    co_await pause.async_wait(kNoThrow);
  }
  core->stop_accepting = nullptr;
}

}  // namespace

Server::Server(const asio::any_io_executor& executor, Listener listener, Access access,
               const Limits& limits)
    : core_(std::make_shared<Core>(executor, std::move(listener), std::move(access), limits)) {
  core_->path = core_->listener->path();
}

Server::~Server() {
  core_->is_stopped = true;
  if (core_->stop_accepting) core_->stop_accepting();
  // Before the handlers, which the sessions' answers may refer to.
  for (Session* const session : core_->sessions) session->abandon();
  core_->handlers.clear();
  core_->listener.reset();
}

void Server::handle(std::string command, Handler handler) {
  const bool is_new = core_->handlers.emplace(std::move(command), std::move(handler)).second;
  SORREL_CHECK(is_new, "a command has one handler");
}

void Server::start() {
  spawn_logged(core_->executor, accept_connections(core_));
}

const Counters& Server::counters() const noexcept {
  return core_->counters;
}

const std::string& Server::path() const noexcept {
  return core_->path;
}

}  // namespace sorrel::control
