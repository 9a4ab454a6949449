#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/check.h"
#include "sink/bell.h"
#include "sink/stream.h"

namespace sorrel::sink {

// What came in one request, and what is sent back.
struct FakeRequest {
  std::string head;
  std::string body;
  std::string peer;
  unsigned connection = 0;  // counted from 1

  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};
struct FakeReply {
  std::string bytes;      // as they go back; nothing: silence
  bool is_last = false;   // then the connection is closed
  bool is_reset = false;  // nothing goes back, it is broken off
};

inline FakeReply reply(unsigned status, std::string_view body = "", std::string_view headers = "") {
  FakeReply made;
  made.bytes = "HTTP/1.1 " + std::to_string(status) +
               " x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               std::string(headers) + "\r\n" + std::string(body);
  return made;
}

// A collector in memory, which is as many endpoints as it is given names; answers are what
// `answer` says. Bytes come in small pieces.
class FakeCollector final : public Connector {
 public:
  using Answer = std::function<FakeReply(const FakeRequest&)>;

  FakeCollector(const boost::asio::any_io_executor& executor, Answer judge)
      : answer(std::move(judge)), executor_(executor), bell_(executor) {}

  boost::asio::awaitable<Result<std::unique_ptr<Stream>>> connect() override {
    while (connect_failures == 0 && is_refusing && !is_aborted) co_await bell_.wait();
    if (is_aborted) co_return fail(std::errc::operation_canceled, "the output stops");
    if (connect_failures > 0) {
      --connect_failures;
      co_return fail(std::errc::connection_refused, "cannot connect to it");
    }
    ++connections;
    ++open_connections;
    most_connections = std::max(most_connections, open_connections);
    const std::string& peer = peers[(connections - 1) % peers.size()];
    co_return std::make_unique<Connection>(*this, peer, connections);
  }
  void report(const Stream& stream, bool is_good) override {
    reports.push_back(stream.peer() + (is_good ? " good" : " bad"));
  }
  void abort() override {
    is_aborted = true;
    bell_.ring();
  }
  // Lets connections go on that were silent.
  void ring() { bell_.ring(); }

  Answer answer;
  std::vector<std::string> peers = {"logs.example:443 (192.0.2.7)"};
  std::vector<FakeRequest> requests;
  std::vector<std::string> reports;
  std::size_t max_body_bytes = SIZE_MAX;
  unsigned connections = 0;
  unsigned open_connections = 0;
  unsigned most_connections = 0;
  unsigned connect_failures = 0;
  bool is_refusing = false;
  bool are_due = false;  // all connections are to be replaced, once they have served
  bool is_aborted = false;

 private:
  class Connection final : public Stream {
   public:
    Connection(FakeCollector& owner, std::string peer, unsigned number)
        : owner_(owner), peer_(std::move(peer)), number_(number) {}
    ~Connection() override { --owner_.open_connections; }

    boost::asio::awaitable<Result<std::size_t>> read_some(std::span<char> into,
                                                          Timeout timeout) override {
      // Others may go on meanwhile, as over a network.
      co_await boost::asio::post(owner_.executor_, boost::asio::use_awaitable);
      const auto until = std::chrono::steady_clock::now() + timeout;
      while (out_.empty() && !is_closed_ && !is_broken_) {
        co_await owner_.bell_.wait(until);
        if (std::chrono::steady_clock::now() >= until) {
          co_return fail(std::errc::timed_out, "no answer in time");
        }
      }
      if (is_broken_) co_return fail(std::errc::connection_reset, "it was broken off");
      const std::size_t size = std::min({into.size(), out_.size(), std::size_t{23}});
      std::copy_n(out_.begin(), size, into.begin());
      out_.erase(0, size);
      co_return size;
    }
    boost::asio::awaitable<Status> write(std::string_view bytes, Timeout) override {
      if (is_broken_ || is_closed_) co_return fail(std::errc::broken_pipe, "it is closed");
      in_ += bytes;
      serve();
      co_return Ok{};
    }
    void end_reads() override {}
    boost::asio::awaitable<Status> close(Timeout) override {
      is_closed_ = true;
      co_return Ok{};
    }
    void abort() override {
      is_broken_ = true;
      owner_.bell_.ring();
    }
    const std::string& peer() const override { return peer_; }
    bool is_due() const override { return owner_.are_due && has_served_; }

   private:
    void serve() {
      const std::size_t end = in_.find("\r\n\r\n");
      if (end == std::string::npos) return;
      const std::size_t at = in_.find("Content-Length: ");
      SORREL_CHECK(at < end, "a request without a length");
      const std::size_t size = std::stoul(in_.substr(at + 16));
      if (size > owner_.max_body_bytes) {  // as a proxy does: an answer, and it is not read on
        out_ += reply(413).bytes;
        is_closed_ = true;
        return;
      }
      if (in_.size() < end + 4 + size) return;
      FakeRequest request{in_.substr(0, end + 4), in_.substr(end + 4, size), peer_, number_};
      in_.erase(0, end + 4 + size);
      SORREL_CHECK(in_.empty(), "a request before the answer to the last one");
      owner_.requests.push_back(request);
      has_served_ = true;
      const FakeReply given = owner_.answer(request);
      out_ += given.bytes;
      is_closed_ = given.is_last;
      is_broken_ = given.is_reset;
    }

    FakeCollector& owner_;
    const std::string peer_;
    const unsigned number_;
    std::string in_;
    std::string out_;
    bool has_served_ = false;
    bool is_closed_ = false;
    bool is_broken_ = false;
  };

  boost::asio::any_io_executor executor_;
  Bell bell_;
};

}  // namespace sorrel::sink
