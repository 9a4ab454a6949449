#include "sink/net_stream.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <tuple>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
// A TLS record's most: RFC 8446 5.1. Smaller writes would cost a record each, larger ones memory.
constexpr std::size_t kWriteBytes = 16'384;
constexpr std::chrono::milliseconds kLookAgain{5};

// Whether the peer has got our half-close; `error`: it has answered with a reset.
bool is_end_acknowledged(int fd, boost::system::error_code& error) {
  int pending = 0;
  socklen_t size = sizeof pending;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &pending, &size);
  if (pending != 0) error.assign(pending, boost::system::system_category());
  tcp_info info{};
  size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
  return info.tcpi_state != TCP_FIN_WAIT1 && info.tcpi_state != TCP_CLOSING &&
         info.tcpi_state != TCP_LAST_ACK;
}

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
    if (has_ended_reads_) co_return ended_reads();
    if (failed_read_) co_return describe(failed_read_, read_watch_, "no answer from ");
    read_watch_.arm(timeout, [this] { abort(); });
    const auto buffer = asio::buffer(into.data(), into.size());
    const auto [error, size] = co_await socket_->async_read_some(buffer, kNoThrow);
    read_watch_.disarm();
    if (!error) {
      acknowledge_at_once();
      if constexpr (kIsTls) co_return size + read_rest(into.subspan(size));
      co_return size;
    }
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error == asio::error::operation_aborted && has_ended_reads_) co_return ended_reads();
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

  std::size_t unacknowledged_bytes() const override {
    int bytes = 0;
    if (::ioctl(tcp().native_handle(), SIOCOUTQ, &bytes) != 0) return 0;
    return static_cast<std::size_t>(std::max(bytes, 0));
  }

  void end_reads() override {
    has_ended_reads_ = true;
    boost::system::error_code ignored;
    socket_->lowest_layer().cancel(ignored);
  }

  asio::awaitable<Status> close(Timeout timeout) override {
    write_watch_.arm(timeout, [this] { abort(); });
    boost::system::error_code error;
    if constexpr (kIsTls) {
      std::tie(error) = co_await socket_->async_shutdown(kNoThrow);
      // Peers need not answer a good-bye (RFC 8446 6.1), and many just close.
      if (error == asio::ssl::error::stream_truncated) error.clear();
    }
    if (!error) error = co_await end_of_peer();
    write_watch_.disarm();
    if (error) co_return describe(error, write_watch_, "no good-bye from ");
    co_return Ok{};
  }

  void abort() override {
    boost::system::error_code ignored;
    socket_->lowest_layer().close(ignored);
  }

 private:
  static Unexpected<Error> ended_reads() {
    return fail(std::errc::operation_canceled, "nothing more is read");
  }

  // Further TLS records that have come with the one that was just read. A server's answers are a
  // record each, and a turn of the reactor for each of them costs more than all else.
  std::size_t read_rest(std::span<char> into) {
    std::size_t all = 0;
    while (!into.empty()) {
      std::size_t size = 0;
      ::ERR_clear_error();
      if (const int result =
              ::SSL_read_ex(socket_->native_handle(), into.data(), into.size(), &size);
          result != 1) {
        const int why = ::SSL_get_error(socket_->native_handle(), result);
        // OpenSSL tells its reason once: the next read says it, after what came before.
        if (why == SSL_ERROR_SSL) {
          failed_read_.assign(static_cast<int>(::ERR_get_error()), asio::error::get_ssl_category());
        }
        break;
      }
      into = into.subspan(size);
      all += size;
    }
    return all;
  }

  // Servers that answer in small pieces, as RELP's do, hold the next piece back until the last is
  // acknowledged (Nagle), and kernels wait 40 ms with that: a window each 40 ms is all that would
  // go. The kernel forgets this by itself.
  void acknowledge_at_once() {
    const int on = 1;
    ::setsockopt(tcp().native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }

  TcpSocket& tcp() const {
    if constexpr (kIsTls) {
      return socket_->next_layer();
    } else {
      return *socket_;
    }
  }

  // Half-closes, and reads to the peer's end. A peer that closes without having read everything, or
  // has gone when the last of it comes, lets its kernel answer with a reset; that may come after
  // its end, until it has acknowledged ours.
  asio::awaitable<boost::system::error_code> end_of_peer() {
    TcpSocket& socket = tcp();
    boost::system::error_code error;
    socket.shutdown(asio::socket_base::shutdown_send, error);
    std::array<char, 512> rest;
    while (!error) {
      std::tie(error, std::ignore) = co_await socket.async_read_some(asio::buffer(rest), kNoThrow);
    }
    if (error != asio::error::eof) co_return error;
    error.clear();
    asio::steady_timer timer(socket_->get_executor());
    while (!is_end_acknowledged(socket.native_handle(), error) && !error) {
      timer.expires_after(kLookAgain);
      static_cast<void>(co_await timer.async_wait(kNoThrow));
      if (!socket.is_open()) co_return asio::error::operation_aborted;
    }
    co_return error;
  }

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
  boost::system::error_code failed_read_;  // of a record behind one that was good
  bool has_ended_reads_ = false;
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
