#include "control/session.h"

#include <sys/socket.h>

#include <cerrno>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/exception_text.h"
#include "base/log.h"

namespace sorrel::control {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 4'096;

bool would_block() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

std::string list_of(const std::map<std::string, Server::Handler, std::less<>>& handlers) {
  std::string names;
  for (const auto& [name, handler] : handlers) names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace

void spawn_logged(const asio::any_io_executor& executor, asio::awaitable<void> coroutine) {
  asio::co_spawn(executor, std::move(coroutine), [](std::exception_ptr escaped) {
    if (!escaped) return;
    log(Level::error, "a connection to the control socket failed", {{"error", text_of(escaped)}});
  });
}

Session::Session(std::shared_ptr<Server::Core> core, Fd socket)
    : core_(std::move(core)),
      socket_(core_->executor, socket.release()),
      deadline_(core_->executor),
      bell_(core_->executor) {
  core_->sessions.insert(this);
}

Session::~Session() {
  core_->sessions.erase(this);
  // Not told: nobody may be called from here, where the context itself may be going.
  if (answer_) answer_->abandon();
}

asio::awaitable<void> Session::run() {
  watch_hang_up();
  for (;;) {
    const std::optional<std::string> line = co_await read_line();
    if (!line) break;
    begin(*line);
    const bool sent = co_await send_answer();
    core_->counters.rows.add(answer_->rows());
    if (!sent) break;
    answer_.reset();
  }
  close();
}

// A peer that goes while its answer is made is noticed at once, not with the next row. One that
// only shuts its sending side down still reads.
void Session::watch_hang_up() {
  socket_.async_wait(Wait::wait_error, [weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (error || !self || !self->answer_) return;
    self->answer_->hang_up();
    if (self->is_listening_to_bell_) self->bell_.cancel();
  });
}

asio::awaitable<Session::Ended> Session::ready(Wait what, Clock::time_point deadline) {
  const std::uint64_t wait = ++waits_;
  deadline_.expires_at(deadline);
  deadline_.async_wait([weak = weak_from_this(), wait](error_code error) {
    const auto self = weak.lock();
    // It may have been on its way already when the wait ended.
    if (!error && self && self->waits_ == wait) self->socket_.cancel();
  });
  const auto [error] = co_await socket_.async_wait(what, kNoThrow);
  ++waits_;
  deadline_.cancel();
  if (!error) co_return Ended::no;
  co_return core_->is_stopped ? Ended::closed : Ended::timeout;
}

asio::awaitable<std::optional<std::string>> Session::read_line() {
  const auto deadline = Clock::now() + std::chrono::milliseconds(core_->limits.idle_ms);
  const std::size_t limit = core_->limits.request_bytes;
  for (std::size_t searched = 0;;) {
    const std::size_t end = input_.find('\n', searched);
    if (end != std::string::npos && end <= limit) {
      std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      co_return line;
    }
    searched = input_.size();
    if (input_.size() > limit) {
      core_->counters.too_large.add();
      say(error_line("too_large", "a request has at most " + std::to_string(limit) + " bytes"));
      co_return std::nullopt;
    }
    char bytes[kReadBytes];
    const ssize_t got = ::recv(socket_.native_handle(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0) {
      input_.append(bytes, static_cast<std::size_t>(got));
      continue;
    }
    if (got == 0 || !would_block()) {
      if (!input_.empty()) core_->counters.half_lines.add();
      co_return std::nullopt;
    }
    const Ended ended = co_await ready(Wait::wait_read, deadline);
    // A peer that sends in drops finds the socket readable when the time is up.
    if (ended == Ended::no && Clock::now() < deadline) continue;
    if (ended != Ended::closed) {
      core_->counters.idle.add();
      say(error_line("idle", "no request came in time"));
    }
    co_return std::nullopt;
  }
}

void Session::begin(const std::string& line) {
  core_->counters.requests.add();
  answer_ = std::make_shared<Answer>(core_->limits.queue_bytes);
  answer_->on_change([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->is_listening_to_bell_) self->bell_.cancel();
  });
  const auto request = parse_request(line);
  if (!request) {
    core_->counters.bad.add();
    return answer_->fail(request.error().code, request.error().message);
  }
  const auto handler = core_->handlers.find(request->command);
  if (handler == core_->handlers.end()) {
    core_->counters.bad.add();
    return answer_->fail("unknown_command", "this sorreld has no command '" + request->command +
                                                "'; it has " + list_of(core_->handlers));
  }
  handler->second(*request, std::make_shared<Responder>(answer_));
}

asio::awaitable<bool> Session::send_answer() {
  for (;;) {
    if (answer_->is_cut_off()) {
      core_->counters.cut_off.add();
      co_return false;
    }
    const bool ended = answer_->has_ended();
    output_.clear();
    answer_->take(output_);
    if (!output_.empty()) {
      const bool sent = co_await send(output_);
      if (!sent) co_return false;
    } else if (ended) {
      co_return true;
    }
    // A quick peer and a quick handler must not keep the thread from everything else.
    co_await asio::post(core_->executor, asio::use_awaitable);
    if (core_->is_stopped) co_return false;
    if (answer_->has_waiting_handler()) {
      answer_->tell_ready();
    } else if (output_.empty()) {
      const bool has_more = co_await wait_for_handler();
      if (!has_more) co_return false;
    }
  }
}

asio::awaitable<bool> Session::wait_for_handler() {
  if (!answer_->is_quiet()) co_return true;
  bell_.expires_after(std::chrono::milliseconds(core_->limits.answer_ms));
  is_listening_to_bell_ = true;
  const auto [rung] = co_await bell_.async_wait(kNoThrow);
  is_listening_to_bell_ = false;
  if (core_->is_stopped) co_return false;
  if (rung) co_return true;
  core_->counters.unanswered.add();
  answer_->fail("timeout",
                "sorreld is busy and has given no answer in time; an output of it may "
                "be stuck (its log says so)");
  co_return true;
}

asio::awaitable<bool> Session::send(const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t sent = ::send(socket_.native_handle(), bytes.data() + at, bytes.size() - at,
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      at += static_cast<std::size_t>(sent);
      continue;
    }
    if (!would_block()) {
      core_->counters.cut_off.add();
      co_return false;
    }
    const auto deadline = Clock::now() + std::chrono::milliseconds(core_->limits.stall_ms);
    const Ended ended = co_await ready(Wait::wait_write, deadline);
    if (ended == Ended::no) continue;
    if (ended == Ended::timeout) core_->counters.stalled.add();
    co_return false;
  }
  co_return true;
}

void Session::say(const std::string& line) noexcept {
  // Best effort: whoever does not read it is dropped anyway.
  [[maybe_unused]] const ssize_t sent =
      ::send(socket_.native_handle(), line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Session::close() {
  error_code ignored;
  socket_.close(ignored);
  deadline_.cancel();
  if (!answer_) return;
  core_->is_stopped ? answer_->abandon() : answer_->hang_up();
  answer_.reset();
}

void Session::abandon() {
  error_code ignored;
  socket_.close(ignored);
  deadline_.cancel();
  bell_.cancel();
  if (answer_) answer_->abandon();
}

}  // namespace sorrel::control
