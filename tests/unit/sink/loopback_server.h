#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "test_authority.h"

namespace sorrel::sink {

namespace asio = boost::asio;
constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);

// A server on a port of the loopback interface, with TLS when it is given a certificate. What it
// does with a connection is a coroutine of the test's.
class LoopbackServer {
 public:
  using Tcp = asio::ip::tcp::socket;
  using Tls = asio::ssl::stream<Tcp&>;
  // One connection; `tls` is null without TLS.
  struct Connection {
    Tcp tcp;
    std::unique_ptr<Tls> tls;

    asio::awaitable<std::size_t> read() {  // 0: its end, or an error
      std::array<char, 65'536> bytes;
      if (tls) {
        const auto [error, size] = co_await tls->async_read_some(asio::buffer(bytes), kQuietly);
        co_return error ? 0 : size;
      }
      const auto [error, size] = co_await tcp.async_read_some(asio::buffer(bytes), kQuietly);
      co_return error ? 0 : size;
    }
    // To the end; how much came.
    asio::awaitable<std::size_t> drain() {
      std::size_t came = 0;
      for (;;) {
        const std::size_t size = co_await read();
        if (size == 0) co_return came;
        came += size;
      }
    }
    void reset() {
      tcp.set_option(asio::socket_base::linger(true, 0));
      tcp.close();
    }
  };
  using Serve = std::function<asio::awaitable<void>(std::shared_ptr<Connection>)>;

  LoopbackServer(asio::io_context& context, Serve serve)
      : context_(context),
        acceptor_(context, {asio::ip::address_v4::loopback(), 0}),
        serve_(std::move(serve)) {}
  // After this, new connections have TLS.
  void use(const TestCertificate& certificate, const std::string& chain = "",
           const std::string& client_authority = "") {
    tls_ = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    tls_->use_certificate_chain(asio::buffer(certificate.certificate + chain));
    tls_->use_private_key(asio::buffer(certificate.key), asio::ssl::context::pem);
    if (client_authority.empty()) return;
    tls_->add_certificate_authority(asio::buffer(client_authority));
    tls_->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  void start() { asio::co_spawn(context_, accept(), asio::detached); }
  void stop() { acceptor_.close(); }
  std::string address() const {
    return "localhost:" + std::to_string(acceptor_.local_endpoint().port());
  }

  unsigned accepted = 0;
  unsigned resumed = 0;  // TLS sessions that were taken up again

 private:
  asio::awaitable<void> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(kQuietly);
      if (error) co_return;
      ++accepted;
      auto connection = std::make_shared<Connection>(Connection{std::move(socket), nullptr});
      asio::co_spawn(context_, begin(std::move(connection)), asio::detached);
    }
  }
  asio::awaitable<void> begin(std::shared_ptr<Connection> connection) {
    const auto context = tls_;
    if (context) {
      connection->tls = std::make_unique<Tls>(connection->tcp, *context);
      const auto [error] =
          co_await connection->tls->async_handshake(asio::ssl::stream_base::server, kQuietly);
      if (error) co_return;
      resumed += SSL_session_reused(connection->tls->native_handle()) == 1 ? 1 : 0;
    }
    co_await serve_(std::move(connection));
  }

  asio::io_context& context_;
  asio::ip::tcp::acceptor acceptor_;
  Serve serve_;
  std::shared_ptr<asio::ssl::context> tls_;
};

}  // namespace sorrel::sink
