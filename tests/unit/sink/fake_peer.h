#pragma once

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "sink/bell.h"
#include "sink/stream.h"

namespace sorrel::sink {

// A server in memory for sinks that keep one connection: what it gets, and what it does at the
// test's word. One connection at a time.
class FakePeer final : public Connector {
 public:
  explicit FakePeer(const boost::asio::any_io_executor& executor) : bell_(executor) {}

  boost::asio::awaitable<Result<std::unique_ptr<Stream>>> connect() override {
    while (!is_open && !is_aborted_) co_await bell_.wait();
    if (is_aborted_) co_return fail(std::errc::operation_canceled, "the output stops");
    received.emplace_back();
    says_.clear();
    state_ = State::open;
    co_return std::make_unique<Connection>(*this);
  }
  void report(const Stream&, bool is_good) override { reports += is_good ? '+' : '-'; }
  void abort() override {
    is_aborted_ = true;
    bell_.ring();
  }

  // What the peer does.
  void open() { set(is_open, true); }
  void close() { set(state_, State::closed); }  // in order
  void reset() { set(state_, State::broken); }
  void say(std::string_view bytes) {
    says_ += bytes;
    bell_.ring();
  }

  std::vector<std::string> received;  // one a connection
  std::string reports;                // "+" good, "-" bad, in turn
  bool is_open = true;                // connections can be made
  bool is_due = false;
  unsigned good_byes = 0;
  std::size_t unacknowledged_bytes = 0;  // that the network has not brought yet
  std::function<void(std::string_view)> on_write = [](std::string_view) {};
  Status answer_to_good_bye = Ok{};

 private:
  enum class State { open, closed, broken };
  template <class T>
  void set(T& what, T value) {
    what = value;
    bell_.ring();
  }

  class Connection final : public Stream {
   public:
    explicit Connection(FakePeer& owner) : owner_(owner) {}
    boost::asio::awaitable<Result<std::size_t>> read_some(std::span<char> into, Timeout) override {
      SORREL_CHECK(!is_reading_, "two read at the same time");
      is_reading_ = true;
      while (owner_.says_.empty() && owner_.state_ == State::open && !has_ended_reads_) {
        co_await owner_.bell_.wait();
      }
      is_reading_ = false;
      if (has_ended_reads_) co_return fail(std::errc::operation_canceled, "reads have ended");
      if (owner_.state_ == State::broken) co_return fail(std::errc::connection_reset, "a reset");
      const std::size_t size = std::min(into.size(), owner_.says_.size());
      std::copy_n(owner_.says_.begin(), size, into.begin());
      owner_.says_.erase(0, size);
      co_return size;
    }
    boost::asio::awaitable<Status> write(std::string_view bytes, Timeout) override {
      if (owner_.state_ == State::broken) co_return fail(std::errc::broken_pipe, "it is broken");
      owner_.received.back() += bytes;
      owner_.on_write(bytes);
      co_return Ok{};
    }
    std::size_t unacknowledged_bytes() const override { return owner_.unacknowledged_bytes; }
    void end_reads() override { owner_.set(has_ended_reads_, true); }
    boost::asio::awaitable<Status> close(Timeout) override {
      SORREL_CHECK(!is_reading_, "close() reads, too");
      ++owner_.good_byes;
      co_return owner_.answer_to_good_bye;
    }
    void abort() override { owner_.reset(); }
    bool is_due() const override { return owner_.is_due; }
    const std::string& peer() const override { return owner_.name_; }

   private:
    FakePeer& owner_;
    bool is_reading_ = false;
    bool has_ended_reads_ = false;
  };

  Bell bell_;
  const std::string name_ = "logs.example:6514 (192.0.2.7)";
  std::string says_;
  State state_ = State::open;
  bool is_aborted_ = false;
};

}  // namespace sorrel::sink
