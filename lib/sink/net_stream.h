#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sink/stream.h"
#include "sink/tls_context.h"

// Inside of lib/sink: it brings Asio's sockets and TLS with it.
namespace sorrel::sink {

// A timer that ends what waits on a socket. Shared with the handler of its wait, which may run when
// the stream has gone.
class Watch {
 public:
  explicit Watch(const boost::asio::any_io_executor& executor) : timer_(executor) {}
  // `expire` runs unless disarm() comes first.
  template <class Expire>
  void arm(std::chrono::milliseconds timeout, Expire expire) {
    has_expired_ = false;
    timer_.expires_after(timeout);
    timer_.async_wait(
        [this, turn = ++turn_, expire = std::move(expire), alive = alive_](auto error) {
          if (error || !*alive || turn != turn_) return;
          has_expired_ = true;
          expire();
        });
  }
  void disarm() {
    ++turn_;
    timer_.cancel();
  }
  bool has_expired() const noexcept { return has_expired_; }
  ~Watch() { *alive_ = false; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  boost::asio::steady_timer timer_;
  std::uint64_t turn_ = 0;
  bool has_expired_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

using TcpSocket = boost::asio::ip::tcp::socket;
using TlsSocket = boost::asio::ssl::stream<TcpSocket>;

// What a stream is told by whoever made it.
struct StreamFacts {
  std::string peer;
  std::size_t endpoint = 0;
  std::chrono::steady_clock::time_point due;  // it has lived long enough then
  std::shared_ptr<TlsContext> context;        // null: no TLS
};

class NetStream : public Stream {
 public:
  explicit NetStream(StreamFacts facts) : facts_(std::move(facts)) {}
  const std::string& peer() const override { return facts_.peer; }
  const StreamFacts& facts() const noexcept { return facts_; }
  bool is_due() const override {
    return (facts_.context && facts_.context->is_replaced()) ||
           std::chrono::steady_clock::now() >= facts_.due;
  }

 private:
  StreamFacts facts_;
};

std::unique_ptr<NetStream> make_tcp_stream(TcpSocket socket, StreamFacts facts);
std::unique_ptr<NetStream> make_tls_stream(std::unique_ptr<TlsSocket> socket, StreamFacts facts);

}  // namespace sorrel::sink
