#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "sink/stream.h"

namespace sorrel::sink::test {

namespace asio = boost::asio;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

// TCP without TLS to 127.0.0.1, for measuring and for collectors that the tests start themselves.
class PlainStream final : public Stream {
 public:
  PlainStream(asio::ip::tcp::socket socket, std::string peer)
      : socket_(std::move(socket)), peer_(std::move(peer)), timer_(socket_.get_executor()) {}

  asio::awaitable<Result<std::size_t>> read_some(std::span<char> into, Timeout timeout) override {
    limit(timeout);
    const auto [error, size] =
        co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), kNoThrow);
    timer_.cancel();
    if (error == asio::error::eof) co_return std::size_t{0};
    if (is_late_) co_return fail(std::errc::timed_out, "no answer from " + peer_);
    if (error) co_return fail(error, "reading from " + peer_);
    co_return size;
  }
  asio::awaitable<Status> write(std::string_view bytes, Timeout timeout) override {
    limit(timeout);
    const auto [error, size] =
        co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), kNoThrow);
    timer_.cancel();
    if (is_late_) co_return fail(std::errc::timed_out, peer_ + " does not read");
    if (error) co_return fail(error, "writing to " + peer_);
    co_return Ok{};
  }
  asio::awaitable<Status> close(Timeout) override {
    abort();
    co_return Ok{};
  }
  void abort() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  const std::string& peer() const override { return peer_; }

 private:
  void limit(Timeout timeout) {
    timer_.expires_after(timeout);
    timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      is_late_ = true;
      socket_.cancel();
    });
  }

  asio::ip::tcp::socket socket_;
  const std::string peer_;
  asio::steady_timer timer_;
  bool is_late_ = false;
};

class PlainConnector final : public Connector {
 public:
  PlainConnector(const asio::any_io_executor& executor, std::uint16_t port)
      : executor_(executor),
        endpoint_(asio::ip::address_v4::loopback(), port),
        peer_("127.0.0.1:" + std::to_string(port)),
        pause_(executor) {}

  asio::awaitable<Result<std::unique_ptr<Stream>>> connect() override {
    while (!is_aborted_) {
      asio::ip::tcp::socket socket(executor_);
      const auto [error] = co_await socket.async_connect(endpoint_, kNoThrow);
      if (!error) {
        socket.set_option(asio::ip::tcp::no_delay(true));
        co_return std::make_unique<PlainStream>(std::move(socket), peer_);
      }
      pause_.expires_after(std::chrono::milliseconds(50));
      co_await pause_.async_wait(kNoThrow);
    }
    co_return fail(std::errc::operation_canceled, "stopped");
  }
  void report(const Stream&, bool) override {}
  void abort() override {
    is_aborted_ = true;
    pause_.cancel();
  }

 private:
  asio::any_io_executor executor_;
  const asio::ip::tcp::endpoint endpoint_;
  const std::string peer_;
  asio::steady_timer pause_;
  bool is_aborted_ = false;
};

}  // namespace sorrel::sink::test
