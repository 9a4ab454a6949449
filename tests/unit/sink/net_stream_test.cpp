// Streams over the loopback interface: what a good-bye says about the bytes before it.
#include <array>

#include "network_fixture.h"

namespace sorrel::sink {
namespace {

using std::chrono::milliseconds;

enum class Peer {
  answers,       // reads all, and ends in order
  just_closes,   // reads all, and closes without TLS's good-bye
  resets,        // reads all, and answers the good-bye by a reset
  leaves_bytes,  // closes without having read all
  is_silent,
};

asio::awaitable<void> serve(std::shared_ptr<LoopbackServer::Connection> connection, Peer peer,
                            std::size_t& came) {
  if (peer == Peer::is_silent || peer == Peer::leaves_bytes) {
    asio::steady_timer timer(connection->tcp.get_executor(), milliseconds(200));
    co_await timer.async_wait(kQuietly);
    if (peer == Peer::leaves_bytes) connection->tcp.close();
    timer.expires_after(milliseconds(400));
    co_await timer.async_wait(kQuietly);
    co_return;
  }
  came += co_await connection->drain();
  if (peer == Peer::resets) connection->reset();
  if (peer == Peer::answers && connection->tls) co_await connection->tls->async_shutdown(kQuietly);
}

struct StreamFixture : NetworkFixture {
  // Sends some bytes, and says what close() does.
  Status say_good_bye(Peer peer, bool has_tls) {
    server = std::make_unique<LoopbackServer>(context, [this, peer](auto connection) {
      return serve(std::move(connection), peer, came);
    });
    TestAuthority authority("an authority");
    if (has_tls) {
      server->use(authority.issue("server"));
      trust(authority);
    }
    options.addresses = {server->address()};
    server->start();
    auto stream = connect();
    SORREL_CHECK(stream.has_value(), stream.error().message.c_str());
    const std::string bytes(100'000, 'x');
    REQUIRE(run((*stream)->write(bytes, milliseconds(1'000))));
    const Status closed = run((*stream)->close(milliseconds(500)));
    server->stop();
    return closed;
  }
  std::unique_ptr<LoopbackServer> server;
  std::size_t came = 0;
};

}  // namespace

TEST_CASE_METHOD(StreamFixture, "a good-bye that is answered in order says that all was read",
                 "[net_stream]") {
  const bool has_tls = GENERATE(true, false);
  const Peer peer = GENERATE(Peer::answers, Peer::just_closes);
  CAPTURE(has_tls, static_cast<int>(peer));
  const Status closed = say_good_bye(peer, has_tls);
  CHECK((closed ? "" : closed.error().message) == "");
  CHECK(came == 100'000);
}

TEST_CASE_METHOD(StreamFixture, "a good-bye that is answered by a reset says nothing",
                 "[net_stream]") {
  const bool has_tls = GENERATE(true, false);
  const Peer peer = GENERATE(Peer::resets, Peer::leaves_bytes);
  CAPTURE(has_tls, static_cast<int>(peer));
  const Status closed = say_good_bye(peer, has_tls);
  CHECK_FALSE(closed.has_value());
}

TEST_CASE_METHOD(StreamFixture, "a good-bye that is not answered says nothing", "[net_stream]") {
  const bool has_tls = GENERATE(true, false);
  const Status closed = say_good_bye(Peer::is_silent, has_tls);
  REQUIRE_FALSE(closed.has_value());
  CHECK(closed.error().code == std::errc::timed_out);
}

TEST_CASE_METHOD(StreamFixture, "it is known what has not reached the peer's host",
                 "[net_stream]") {
  // A socket whose owner never reads takes a few MB at the most.
  server = std::make_unique<LoopbackServer>(context, [this](auto connection) {
    return serve(std::move(connection), Peer::is_silent, came);
  });
  options.addresses = {server->address()};
  server->start();
  auto stream = connect();
  REQUIRE(stream);
  CHECK((*stream)->unacknowledged_bytes() == 0);
  const std::string bytes(64u << 20, 'x');
  std::optional<Status> written;
  begin((*stream)->write(bytes, milliseconds(60'000)), written);
  context.restart();
  context.run_for(milliseconds(100));
  CHECK_FALSE(written);
  CHECK((*stream)->unacknowledged_bytes() > 0);
  (*stream)->abort();
  CHECK(run_until([&] { return written.has_value(); }));
}

TEST_CASE_METHOD(StreamFixture, "a read that waits can be ended, and the stream still be closed",
                 "[net_stream]") {
  const bool has_tls = GENERATE(true, false);
  server = std::make_unique<LoopbackServer>(context, [this](auto connection) {
    return serve(std::move(connection), Peer::answers, came);
  });
  TestAuthority authority("an authority");
  if (has_tls) {
    server->use(authority.issue("server"));
    trust(authority);
  }
  options.addresses = {server->address()};
  server->start();
  auto stream = connect();
  REQUIRE(stream);
  std::array<char, 16> bytes;
  std::optional<Result<std::size_t>> got;
  begin((*stream)->read_some(bytes, milliseconds(60'000)), got);
  context.restart();
  context.run_for(milliseconds(50));
  REQUIRE_FALSE(got);
  (*stream)->end_reads();
  REQUIRE(run_until([&] { return got.has_value(); }));
  REQUIRE_FALSE(got->has_value());
  CHECK(got->error().code == std::errc::operation_canceled);
  CHECK(run((*stream)->write("the last words", milliseconds(1'000))));
  const Status closed = run((*stream)->close(milliseconds(1000)));
  CHECK((closed ? "" : closed.error().message) == "");
  CHECK(came == 14);
}

TEST_CASE_METHOD(StreamFixture,
                 "TLS records that come together are one read, and their end another",
                 "[net_stream]") {
  server = std::make_unique<LoopbackServer>(
      context, [](std::shared_ptr<LoopbackServer::Connection> connection) -> asio::awaitable<void> {
        for (int i = 0; i < 50; ++i) {
          co_await connection->tls->async_write_some(asio::buffer("answer", 6), kQuietly);
        }
        co_await connection->tls->async_shutdown(kQuietly);
      });
  TestAuthority authority("an authority");
  server->use(authority.issue("server"));
  trust(authority);
  options.addresses = {server->address()};
  server->start();
  auto stream = connect();
  REQUIRE(stream);
  context.restart();
  context.run_for(milliseconds(50));
  std::array<char, 4'096> bytes;
  std::size_t reads = 0;
  for (;;) {
    const auto got = run((*stream)->read_some(bytes, milliseconds(1'000)));
    REQUIRE(got);
    if (*got == 0) break;
    came += *got;
    ++reads;
  }
  CHECK(came == 300);
  CHECK(reads <= 10);
}

}  // namespace sorrel::sink
