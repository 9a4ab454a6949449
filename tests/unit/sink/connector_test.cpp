#include "sink/connector.h"

#include <array>

#include "network_fixture.h"

namespace sorrel::sink {
namespace {

using std::chrono::milliseconds;

// Says a byte, and reads to the end.
asio::awaitable<void> greet(std::shared_ptr<LoopbackServer::Connection> connection) {
  const std::string word = "x";
  if (connection->tls) {
    co_await asio::async_write(*connection->tls, asio::buffer(word), kQuietly);
  } else {
    co_await asio::async_write(connection->tcp, asio::buffer(word), kQuietly);
  }
  while (co_await connection->read() != 0) continue;
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

}  // namespace sorrel::sink
