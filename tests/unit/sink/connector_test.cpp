#include "sink/connector.h"

#include <array>

#include "network_fixture.h"

namespace sorrel::sink {
namespace {

using std::chrono::milliseconds;

// Says a byte, and reads to the end.
asio::awaitable<void> greet(std::shared_ptr<LoopbackServer::Connection> connection) {
  const std::string word = "220 hello\r\n";
  if (connection->tls) {
    co_await asio::async_write(*connection->tls, asio::buffer(word), kQuietly);
  } else {
    co_await asio::async_write(connection->tcp, asio::buffer(word), kQuietly);
  }
  static_cast<void>(co_await connection->drain());
}

struct ConnectorFixture : NetworkFixture {
  ConnectorFixture() {
    for (LoopbackServer* const server : {&one, &other}) {
      server->use(authority.issue("server"));
      options.addresses.push_back(server->address());
      server->start();
    }
    trust(authority);
  }
  // Connects, waits for the greeting, and says good-bye: OpenSSL forgets a session without one.
  Result<std::size_t> visit() {
    auto stream = connect();
    if (!stream) return Unexpected<Error>(stream.error());
    std::array<char, 16> bytes;
    auto got = run((*stream)->read_some(bytes, milliseconds(5'000)));
    static_cast<void>(run((*stream)->close(milliseconds(5'000))));
    return got;
  }

  TestAuthority authority{"an authority"};
  LoopbackServer one{context, greet};
  LoopbackServer other{context, greet};
};

}  // namespace

TEST_CASE_METHOD(ConnectorFixture, "each endpoint's TLS session is taken up again", "[connector]") {
  for (const double which : {0.0, 0.9, 0.0, 0.9}) {
    chance = which;
    const auto got = visit();
    REQUIRE((got ? "" : got.error().message) == "");
  }
  CHECK(one.accepted == 2);
  CHECK(other.accepted == 2);
  CHECK(one.resumed == 1);
  CHECK(other.resumed == 1);
}

TEST_CASE_METHOD(ConnectorFixture, "an endpoint that failed is left for the others",
                 "[connector]") {
  one.stop();
  REQUIRE_FALSE(connect());
  CHECK(connector->failed_step() == ConnectStep::connect);
  CHECK(visit());
  CHECK(other.accepted == 1);
}

TEST_CASE_METHOD(ConnectorFixture, "what is told of a stream counts for its endpoint",
                 "[connector]") {
  const bool is_good = GENERATE(true, false);
  auto stream = connect();
  REQUIRE(stream);
  connector->report(**stream, is_good);
  REQUIRE(connect());
  CHECK(one.accepted == (is_good ? 2 : 1));
  CHECK(other.accepted == (is_good ? 0 : 1));
}

TEST_CASE_METHOD(ConnectorFixture, "connections end at their age, less up to a fifth",
                 "[connector]") {
  options.max_age_s = 0;
  auto stream = connect();
  REQUIRE(stream);
  CHECK((*stream)->is_due());
  connector.reset();
  options.max_age_s = 600;
  stream = connect();
  REQUIRE(stream);
  CHECK_FALSE((*stream)->is_due());
}

TEST_CASE_METHOD(ConnectorFixture, "a connection with replaced TLS files is due", "[connector]") {
  auto stream = connect();
  REQUIRE(stream);
  write("ca.pem", authority.certificate() + authority.certificate());
  connector->refresh();
  CHECK((*stream)->is_due());
}

TEST_CASE_METHOD(ConnectorFixture, "connect() that waits for an endpoint can be aborted",
                 "[connector]") {
  options.retry_min_ms = options.retry_max_ms = 60'000;
  chance = 0.9;
  one.stop();
  other.stop();
  CHECK_FALSE(connect());
  CHECK_FALSE(connect());
  std::optional<Result<std::unique_ptr<Stream>>> result;
  begin(connector->connect(), result);
  context.restart();
  context.run_for(milliseconds(50));
  REQUIRE_FALSE(result);
  connector->abort();
  REQUIRE(run_until([&] { return result.has_value(); }));
  CHECK(result->error().code == std::errc::operation_canceled);
}

TEST_CASE_METHOD(ConnectorFixture, "a server that says nothing is left after the timeout",
                 "[connector]") {
  options.connect_timeout_ms = 100;
  LoopbackServer silent(context, greet);
  options.addresses = {silent.address()};  // never accepts
  const auto stream = connect();
  REQUIRE_FALSE(stream);
  CHECK(stream.error().code == std::errc::timed_out);
  CHECK(connector->failed_step() == ConnectStep::handshake);
}

TEST_CASE_METHOD(ConnectorFixture, "a server without TLS is told as such", "[connector]") {
  LoopbackServer plain(context, greet);
  plain.start();
  options.addresses = {plain.address()};
  CHECK(failure() != "none");
  CHECK(connector->failed_step() == ConnectStep::handshake);
}

TEST_CASE_METHOD(ConnectorFixture, "a connector goes through a proxy", "[connector]") {
  const auto serve = [](std::shared_ptr<LoopbackServer::Connection> connection, std::string says,
                        std::string& heard) -> asio::awaitable<void> {
    std::array<char, 1'024> bytes;
    const auto [error, size] =
        co_await connection->tcp.async_read_some(asio::buffer(bytes), kQuietly);
    if (error) co_return;
    heard.assign(bytes.data(), size);
    co_await asio::async_write(connection->tcp, asio::buffer(says), kQuietly);
    static_cast<void>(co_await connection->drain());
  };
  std::string heard;
  std::string says = "HTTP/1.1 200 OK\r\n\r\n";
  LoopbackServer proxy(context, [&](std::shared_ptr<LoopbackServer::Connection> connection) {
    return serve(std::move(connection), says, heard);
  });
  proxy.start();
  options.tls.is_on = false;
  options.addresses = {"far.example:6514"};
  options.proxy = proxy.address();
  CHECK(failure() == "none");
  CHECK(heard.rfind("CONNECT far.example:6514 ", 0) == 0);
  says = "HTTP/1.1 403 Forbidden\r\n\r\n";
  CHECK_THAT(failure(), Catch::Matchers::Contains("the proxy " + options.proxy));
  CHECK(connector->failed_step() == ConnectStep::proxy);
}

TEST_CASE("a connector's options are checked when it is made", "[connector]") {
  asio::io_context context;
  const SystemClock clock;
  NetworkOptions options;
  const auto failure = [&] {
    const auto made =
        NetConnector::create("central", options, context.get_executor(), clock, [] { return 0.0; });
    return made ? std::string("none") : made.error().message;
  };
  CHECK(failure() == "output central has no address");
  options.addresses = {"nonsense"};
  CHECK(failure() != "none");
  options.addresses = {"localhost:1"};
  options.proxy = "nonsense";
  CHECK(failure() != "none");
  options.proxy.clear();
  options.tls.ca = "/nowhere/ca.pem";
  CHECK_THAT(failure(), Catch::Matchers::Contains("/nowhere/ca.pem"));
}

}  // namespace sorrel::sink
