// What a peer can make the server hold or wait for is limited, and counted.
#include <list>

#include "catch.h"
#include "serving.h"

namespace sorrel::control {
namespace {

using Catch::Matchers::Contains;
using test::ask;
using test::Serving;
using test::TestPeer;
using Given = std::shared_ptr<Responder>;

// Gives rows for as long as they are taken, and counts the most that was ever on the way.
class Flood {
 public:
  Flood(Serving& serving, std::uint64_t rows) : rows_(rows) {
    serving.server->handle("flood", [this](const Request&, Given responder) {
      responder_ = std::move(responder);
      send();
    });
    serving.server->start();
  }
  void send() {
    while (sent_ < rows_) {
      const Sent sent = responder_->row("{\"n\":" + std::to_string(sent_) + "}");
      if (sent == Sent::gone) return gone();
      if (sent == Sent::not_now) {
        ++waits;
        return responder_->when_ready([this] { send(); });
      }
      ++sent_;
    }
    responder_->finish();
    responder_.reset();
  }
  std::uint64_t sent() const noexcept { return sent_; }

  int waits = 0;
  bool is_gone = false;

 private:
  void gone() {
    is_gone = true;
    responder_.reset();
  }

  const std::uint64_t rows_;
  std::uint64_t sent_ = 0;
  Given responder_;
};

}  // namespace

TEST_CASE("a slow reader holds its own answer back and gets all of it", "[control][limits]") {
  Limits limits;
  limits.queue_bytes = 4'096;
  Serving serving(limits);
  constexpr std::uint64_t kRows = 100'000;
  Flood flood(serving, kRows);
  TestPeer peer(serving);
  peer.send(ask("flood"));
  REQUIRE(serving.until([&] { return flood.waits > 0; }));
  serving.turn();
  // No more than the queues and the kernel's buffer hold, though nobody has read.
  CHECK(flood.sent() < kRows);
  const std::uint64_t before = flood.sent();
  serving.turn();
  CHECK(flood.sent() == before);
  const std::vector<std::string> lines = peer.lines(kRows + 1);
  for (std::uint64_t i = 0; i < kRows; ++i) {
    if (lines[i] != "{\"n\":" + std::to_string(i) + "}") FAIL(lines[i]);
  }
  CHECK_THAT(lines.back(), Contains("\"rows\":100000"));
  CHECK(flood.waits > 10);
  CHECK(serving.counters().stalled.value() == 0);
}

TEST_CASE("a peer that reads nothing is dropped after the deadline", "[control][limits]") {
  Limits limits;
  limits.stall_ms = 30;
  Serving serving(limits);
  Flood flood(serving, UINT64_MAX);
  TestPeer peer(serving);
  peer.send(ask("flood"));
  CHECK(serving.until([&] { return serving.counters().stalled.value() == 1; }));
  CHECK(serving.until([&] { return flood.is_gone; }));
  // Others are served all the while, and afterwards.
  TestPeer other(serving);
  other.send(ask("x"));
  CHECK_THAT(other.line(), Contains("unknown_command"));
}

TEST_CASE("a connection without a request is closed in time", "[control][limits]") {
  Limits limits;
  limits.idle_ms = 30;
  Serving serving(limits);
  serving.server->start();
  TestPeer silent(serving);
  TestPeer slow(serving);
  slow.send("{\"schema\"");
  CHECK(silent.is_closed());
  CHECK(slow.is_closed());
  CHECK_THAT(silent.received(), Contains("\"code\":\"idle\""));
  CHECK(serving.counters().idle.value() == 2);
}

TEST_CASE("a request that comes in drops does not extend its time", "[control][limits]") {
  Limits limits;
  limits.idle_ms = 50;
  Serving serving(limits);
  serving.server->start();
  TestPeer peer(serving);
  int drops = 0;
  CHECK(serving.until([&] {
    if (!peer.try_send("x")) return true;
    ++drops;
    return false;
  }));
  CHECK(drops > 2);
  CHECK(serving.counters().idle.value() == 1);
}

TEST_CASE("a request that is too large ends the connection", "[control][limits]") {
  Limits limits;
  limits.request_bytes = 100;
  Serving serving(limits);
  serving.server->start();
  TestPeer fits(serving);
  fits.send(std::string(100, 'x') + "\n");
  CHECK_THAT(fits.line(), Contains("bad_request"));
  for (const char* const end : {"", "\n"}) {
    TestPeer peer(serving);
    peer.send(std::string(101, 'x') + end);
    CHECK(peer.is_closed());
    CHECK_THAT(peer.received(), Contains("\"code\":\"too_large\""));
  }
  CHECK(serving.counters().too_large.value() == 2);
}

TEST_CASE("connections beyond the limit are told to come back", "[control][limits]") {
  Limits limits;
  limits.connections = 3;
  Serving serving(limits);
  serving.server->start();
  std::list<TestPeer> peers;
  for (int i = 0; i < 3; ++i) {
    peers.emplace_back(serving).send(ask("x"));
    CHECK_THAT(peers.back().line(), Contains("unknown_command"));
  }
  TestPeer extra(serving);
  CHECK(extra.is_closed());
  CHECK_THAT(extra.received(), Contains("too_many_connections"));
  CHECK(serving.counters().over_limit.value() == 1);
  peers.pop_front();
  // Once the server has seen that it went, there is room again.
  CHECK(serving.until([&] {
    TestPeer again(serving);
    again.send(ask("x"));
    return again.line().find("unknown_command") != std::string::npos;
  }));
}

TEST_CASE("a handler that says nothing is answered for in time", "[control][limits]") {
  Limits limits;
  limits.answer_ms = 30;
  Serving serving(limits);
  Given kept;
  serving.server->handle("stuck", [&](const Request&, Given responder) { kept = responder; });
  serving.server->start();
  TestPeer peer(serving);
  peer.send(ask("stuck") + ask("x"));
  CHECK_THAT(peer.line(), Contains("\"code\":\"timeout\""));
  CHECK_THAT(peer.line(), Contains("unknown_command"));
  CHECK_FALSE(kept->is_open());
  CHECK(serving.counters().unanswered.value() == 1);
}

}  // namespace sorrel::control
