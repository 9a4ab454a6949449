#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sorrel::control {

enum class Sent : std::uint8_t {
  taken,
  not_now,  // the peer reads slowly: ask when_ready() to say when to send this row again
  gone,     // the peer has gone, or the answer has ended: nothing more is of use
};

// What is between a handler, which gives an answer, and the connection, which sends it: a queue of
// bounded size, and who is to be told of what. One thread.
class Answer {
 public:
  explicit Answer(std::size_t queue_bytes) : queue_bytes_(queue_bytes) {}

  // The handler's side; see Responder.
  Sent row(std::string_view json);
  void when_ready(std::function<void()> work) { ready_ = std::move(work); }
  void finish(std::string_view members);
  void fail(std::string_view code, std::string_view message);

  // The connection's side. `wake` is called when there is something new to send.
  void on_change(std::function<void()> wake) { wake_ = std::move(wake); }
  // Gives away what is queued: `bytes`, which must be empty, and its memory come in its place.
  void take(std::string& bytes) noexcept;
  // There is room: calls what when_ready() was given.
  void tell_ready();
  // Nothing more will be sent: lets the handler know, if it waits.
  void hang_up();
  // The same without a word to anybody, when the server itself goes.
  void abandon() noexcept;

  bool has_ended() const noexcept { return has_ended_; }  // all of it is queued, or was taken
  bool is_quiet() const noexcept { return queue_.empty() && is_open(); }  // nothing to do for now
  bool is_cut_off() const noexcept { return is_gone_ && !has_ended_; }
  bool is_open() const noexcept { return !has_ended_ && !is_gone_; }
  bool has_waiting_handler() const noexcept { return ready_ != nullptr; }
  std::uint64_t rows() const noexcept { return rows_; }

 private:
  void end(const std::string& line);

  const std::size_t queue_bytes_;
  std::string queue_;
  std::uint64_t rows_ = 0;
  bool has_ended_ = false;
  bool is_gone_ = false;
  std::function<void()> wake_;
  std::function<void()> ready_;
};

// The last line of an answer that fails, with its line break.
std::string error_line(std::string_view code, std::string_view message);

// The handler's end of an answer. Rows can be sent at once or over time; the thread is always that
// of the server, also for the end of the Responder. One that goes without finish() or fail() fails
// the request, so a peer never waits for nothing.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Answer> answer) : answer_(std::move(answer)) {}
  ~Responder();
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  // Sends one JSON object, without a line break. Its first key must not be "done" or "error".
  Sent row(std::string_view json) { return answer_->row(json); }
  // After Sent::not_now: calls `work` once there is room again, or the peer has gone (the next
  // row() says which). Once, and never from within this call.
  void when_ready(std::function<void()> work) { answer_->when_ready(std::move(work)); }
  // Ends the answer. `members`: more of its last line, such as "\"skipped\":3".
  void finish(std::string_view members = {}) { answer_->finish(members); }
  // Ends it with an error: a code of docs/control.md, and a message for people.
  void fail(std::string_view code, std::string_view message) { answer_->fail(code, message); }
  // False: nobody waits for more.
  bool is_open() const noexcept { return answer_->is_open(); }

 private:
  std::shared_ptr<Answer> answer_;
};

}  // namespace sorrel::control
