#include "sink/net_stream.h"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
// A TLS record's most: RFC 8446 5.1. Smaller writes would cost a record each, larger ones memory.
constexpr std::size_t kWriteBytes = 16'384;

template <class Socket>
class SocketStream final : public NetStream {
 public:
  static constexpr bool kIsTls = std::is_same_v<Socket, TlsSocket>;

  SocketStream(std::unique_ptr<Socket> socket, StreamFacts facts)
      : NetStream(std::move(facts)),
        socket_(std::move(socket)),
        read_watch_(socket_->get_executor()),
        write_watch_(socket_->get_executor()) {}

  asio::awaitable<Result<std::size_t>> read_some(std::span<char> into, Timeout timeout) override {
    read_watch_.arm(timeout, [this] { abort(); });
    const auto buffer = asio::buffer(into.data(), into.size());
    const auto [error, size] = co_await socket_->async_read_some(buffer, kNoThrow);
    read_watch_.disarm();
    if (!error) co_return size;
    if (error == asio::error::eof) co_return std::size_t{0};
    co_return describe(error, read_watch_, "no answer from ");
  }

  asio::awaitable<Status> write(std::string_view bytes, Timeout timeout) override {
    while (!bytes.empty()) {
      write_watch_.arm(timeout, [this] { abort(); });
      const auto buffer = asio::buffer(bytes.data(), std::min(bytes.size(), kWriteBytes));
      const auto [error, size] = co_await socket_->async_write_some(buffer, kNoThrow);
      write_watch_.disarm();
      if (error) co_return describe(error, write_watch_, "nothing is taken by ");
      bytes.remove_prefix(size);
    }
    co_return Ok{};
  }

  asio::awaitable<Status> close(Timeout timeout) override {
    if constexpr (kIsTls) {
      write_watch_.arm(timeout, [this] { abort(); });
      const auto [error] = co_await socket_->async_shutdown(kNoThrow);
      write_watch_.disarm();
      // Peers need not answer a good-bye (RFC 8446 6.1), and many just close: they had to read all
      // that came before to know of it. Only one that does nothing is an error.
      if (error && write_watch_.has_expired()) co_return describe(error, write_watch_, "closing ");
      co_return Ok{};
    } else {
      boost::system::error_code error;
      socket_->shutdown(asio::ip::tcp::socket::shutdown_send, error);
      // Until the peer has read everything, and closes, too.
      char rest[512];
      while (!error) {
        const auto got = co_await read_some(rest, timeout);
        if (!got) co_return Unexpected<Error>(got.error());
        if (*got == 0) co_return Ok{};
      }
      co_return describe(error, write_watch_, "closing ");
    }
  }

  void abort() override {
    boost::system::error_code ignored;
    socket_->lowest_layer().close(ignored);
  }

 private:
  Unexpected<Error> describe(const boost::system::error_code& error, const Watch& watch,
                             const char* what) {
    if (watch.has_expired()) {
      return fail(std::errc::timed_out, std::string(what) + peer() + " in time");
    }
    std::string why = error.message();
    if constexpr (kIsTls) {
      if (error.category() == asio::error::get_ssl_category()) {
        why = describe_tls_error(nullptr, static_cast<unsigned long>(error.value()));
      } else if (error == asio::ssl::error::stream_truncated) {
        why = "it broke off without a good-bye";
      }
    }
    return fail(std::errc::connection_reset, "the connection to " + peer() + " failed: " + why);
  }

  std::unique_ptr<Socket> socket_;
  Watch read_watch_;
  Watch write_watch_;
};

}  // namespace

std::unique_ptr<NetStream> make_tcp_stream(TcpSocket socket, StreamFacts facts) {
  return std::make_unique<SocketStream<TcpSocket>>(std::make_unique<TcpSocket>(std::move(socket)),
                                                   std::move(facts));
}

std::unique_ptr<NetStream> make_tls_stream(std::unique_ptr<TlsSocket> socket, StreamFacts facts) {
  return std::make_unique<SocketStream<TlsSocket>>(std::move(socket), std::move(facts));
}

}  // namespace sorrel::sink
