// The protocol, over a real socket.
#include <sys/wait.h>

#include "catch.h"
#include "serving.h"

namespace sorrel::control {
namespace {

using Catch::Matchers::Contains;
using test::ask;
using test::Serving;
using test::TestPeer;
using Given = std::shared_ptr<Responder>;

constexpr const char* kDone0 = "{\"done\":true,\"schema\":1,\"rows\":0}";

void answer_at_once(Serving& serving) {
  serving.server->handle("two", [](const Request&, const Given& responder) {
    CHECK(responder->row("{\"n\":1}") == Sent::taken);
    CHECK(responder->row("{\"n\":2}") == Sent::taken);
    responder->finish();
  });
  serving.server->handle("none",
                         [](const Request&, const Given& responder) { responder->finish(); });
  serving.server->start();
}

}  // namespace

TEST_CASE("a connection asks as often as it likes", "[control][server]") {
  Serving serving;
  answer_at_once(serving);
  TestPeer peer(serving);
  for (int i = 0; i < 3; ++i) {
    peer.send(ask("two"));
    CHECK(peer.lines(3) == std::vector<std::string>{"{\"n\":1}", "{\"n\":2}",
                                                    "{\"done\":true,\"schema\":1,\"rows\":2}"});
  }
  // Several requests in one piece, and one in many.
  peer.send(ask("none") + ask("two") + ask("none"));
  CHECK(peer.lines(5).back() == kDone0);
  for (const char byte : ask("none")) {
    peer.send(std::string(1, byte));
    serving.turn();
  }
  CHECK(peer.line() == kDone0);
  CHECK(serving.counters().requests.value() == 7);
  CHECK(serving.counters().rows.value() == 8);
}

TEST_CASE("a request that is wrong is answered, and the next one too", "[control][server]") {
  Serving serving;
  answer_at_once(serving);
  TestPeer peer(serving);
  peer.send("garbage\n\n\xff\x01\n" + ask("unheard") + ask("none"));
  const std::vector<std::string> lines = peer.lines(5);
  for (int i = 0; i < 3; ++i)
    CHECK_THAT(lines[static_cast<std::size_t>(i)], Contains("bad_request"));
  CHECK_THAT(lines[3], Contains("unknown_command") && Contains("it has none, two"));
  CHECK(lines[4] == kDone0);
  CHECK(serving.counters().bad.value() == 4);
}

TEST_CASE("half a line is no request", "[control][server]") {
  Serving serving;
  answer_at_once(serving);
  TestPeer peer(serving);
  peer.send(ask("none").substr(0, 20));
  peer.finish_sending();
  CHECK(peer.is_closed());
  CHECK(peer.received().empty());
  CHECK(serving.counters().half_lines.value() == 1);
  CHECK(serving.counters().requests.value() == 0);
}

TEST_CASE("a peer that has said all still gets its answer", "[control][server]") {
  Serving serving;
  answer_at_once(serving);
  TestPeer peer(serving);
  peer.send(ask("two"));
  peer.finish_sending();
  CHECK(peer.is_closed());
  CHECK_THAT(peer.received(), Contains("\"rows\":2"));
}

TEST_CASE("an answer can be given over time", "[control][server]") {
  Serving serving;
  Given kept;
  serving.server->handle("slow", [&](const Request&, Given responder) { kept = responder; });
  serving.server->start();
  TestPeer peer(serving);
  peer.send(ask("slow"));
  REQUIRE(serving.until([&] { return kept != nullptr; }));
  for (int i = 0; i < 3; ++i) {
    serving.turn();
    CHECK(kept->row("{\"n\":" + std::to_string(i) + "}") == Sent::taken);
    CHECK(peer.line() == "{\"n\":" + std::to_string(i) + "}");
  }
  kept->finish();
  CHECK_THAT(peer.line(), Contains("\"rows\":3"));
}

TEST_CASE("a handler that gives up is answered for", "[control][server]") {
  Serving serving;
  serving.server->handle("drop", [](const Request&, const Given&) {});
  serving.server->start();
  TestPeer peer(serving);
  peer.send(ask("drop"));
  CHECK_THAT(peer.line(), Contains("\"code\":\"internal\""));
}

TEST_CASE("a peer that goes within its answer is noticed at once", "[control][server]") {
  Serving serving;
  Given kept;
  serving.server->handle("slow", [&](const Request&, Given responder) { kept = responder; });
  serving.server->start();
  TestPeer peer(serving);
  peer.send(ask("slow"));
  REQUIRE(serving.until([&] { return kept != nullptr; }));
  peer.hang_up();
  CHECK(serving.until([&] { return !kept->is_open(); }));
  CHECK(kept->row("{}") == Sent::gone);
  CHECK(serving.until([&] { return serving.counters().cut_off.value() == 1; }));
}

TEST_CASE("a server that goes ends its connections and leaves responders harmless",
          "[control][server]") {
  Serving serving;
  Given kept;
  serving.server->handle("slow", [&](const Request&, Given responder) { kept = responder; });
  serving.server->start();
  TestPeer busy(serving);
  TestPeer idle(serving);
  busy.send(ask("slow"));
  REQUIRE(serving.until([&] { return kept != nullptr; }));
  bool told = false;
  kept->when_ready([&] { told = true; });
  serving.server.reset();
  CHECK_FALSE(test::connect_to(serving.path()));
  CHECK(kept->row("{}") == Sent::gone);
  CHECK_FALSE(told);
  CHECK(busy.is_closed());
  CHECK(idle.is_closed());
  kept.reset();
}

TEST_CASE("a loop that never runs again leaves nothing behind", "[control][server]") {
  Serving serving;
  Given kept;
  serving.server->handle("slow", [&](const Request&, Given responder) { kept = responder; });
  serving.server->start();
  TestPeer peer(serving);
  peer.send(ask("slow"));
  REQUIRE(serving.until([&] { return kept != nullptr; }));
  serving.server.reset();  // and then the loop: the sanitizers see what is left
}

TEST_CASE("who may not ask is told so and counted", "[control][server]") {
  if (::geteuid() == 0) {
    WARN("SKIP: root may always ask; the next test has another user");
    return;
  }
  Serving serving({}, ::geteuid() + 1);
  answer_at_once(serving);
  TestPeer peer(serving);
  CHECK_THAT(peer.line(), Contains("permission_denied"));
  CHECK(peer.is_closed());
  CHECK(serving.counters().refused.value() == 1);
}

TEST_CASE("another user is refused even when the socket's mode lets it in", "[control][server]") {
  if (::geteuid() != 0) {
    WARN("SKIP: only root can become another user");
    return;
  }
  Serving serving;
  answer_at_once(serving);
  std::filesystem::permissions(serving.folder.path(""), std::filesystem::perms(0755));
  std::filesystem::permissions(serving.path(), std::filesystem::perms(0666));
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65'534) != 0 || ::setuid(65'534) != 0) ::_exit(2);
    const Fd fd = test::connect_to(serving.path());
    char bytes[512];
    const ssize_t got = fd ? ::recv(fd.get(), bytes, sizeof bytes, 0) : 0;
    const std::string_view said(bytes, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    ::_exit(said.find("permission_denied") != std::string_view::npos ? 0 : 1);
  }
  int status = -1;
  REQUIRE(serving.until([&] { return ::waitpid(child, &status, WNOHANG) == child; }));
  CHECK(status == 0);
  CHECK(serving.counters().refused.value() == 1);
  CHECK(serving.counters().connections.value() == 0);
}

}  // namespace sorrel::control
