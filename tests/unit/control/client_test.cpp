// The client against a scripted other end, in a thread of the test.
#include "control/client.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <functional>
#include <thread>

#include "catch.h"
#include "control/access.h"
#include "support.h"

namespace sorrel::control {
namespace {

using Catch::Matchers::Contains;
using test::TempFolder;

// Accepts one connection, reads a request, sends `reply`, closes.
class Script {
 public:
  Script(std::string reply, bool keep_open = false) : listening_(test::bind_to(path())) {
    REQUIRE(::listen(listening_.get(), 1) == 0);
    thread_ = std::thread([this, reply = std::move(reply), keep_open] {
      Fd peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      char bytes[4'096];
      const ssize_t got = ::recv(peer.get(), bytes, sizeof bytes, 0);
      request.assign(bytes, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      for (std::size_t at = 0; at < reply.size();) {
        const ssize_t sent = ::send(peer.get(), reply.data() + at, reply.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) return;
        at += static_cast<std::size_t>(sent);
      }
      if (keep_open) static_cast<void>(::recv(peer.get(), bytes, sizeof bytes, 0));
    });
  }
  ~Script() { thread_.join(); }

  std::string path() const { return folder_.path("control.sock"); }

  std::string request;  // once the answer is in

 private:
  TempFolder folder_;
  Fd listening_;
  std::thread thread_;
};

struct Outcome {
  std::vector<std::string> rows;
  std::string last;
  Error error;
};

Outcome ask(const Script& script, std::uint32_t patience_ms = 20'000) {
  Outcome outcome;
  auto client = Client::connect(script.path(), patience_ms);
  REQUIRE(client);
  const auto answer = client->ask({.command = "ps", .arguments = {}}, [&](std::string_view row) {
    outcome.rows.emplace_back(row);
    return true;
  });
  if (answer) outcome.last = *answer;
  if (!answer) outcome.error = answer.error();
  return outcome;
}

}  // namespace

TEST_CASE("a client hands out rows and returns the last line", "[control][client]") {
  const Script script("{\"a\":1}\n{\"b\":\"done\"}\n{\"done\":true,\"schema\":1,\"rows\":2}\n");
  const Outcome outcome = ask(script);
  CHECK(outcome.rows == std::vector<std::string>{"{\"a\":1}", "{\"b\":\"done\"}"});
  CHECK(outcome.last == "{\"done\":true,\"schema\":1,\"rows\":2}");
  CHECK(script.request == "{\"schema\":1,\"command\":\"ps\",\"arguments\":{}}\n");
}

TEST_CASE("an answer that is larger than any buffer arrives whole", "[control][client]") {
  std::string reply;
  for (int i = 0; i < 50'000; ++i) reply += "{\"n\":" + std::to_string(i) + "}\n";
  const Script script(reply + "{\"done\":true,\"schema\":1,\"rows\":50000}\n");
  const Outcome outcome = ask(script);
  REQUIRE(outcome.rows.size() == 50'000);
  CHECK(outcome.rows.back() == "{\"n\":49999}");
  CHECK_FALSE(outcome.last.empty());
}

TEST_CASE("what goes wrong at the other end is said in full", "[control][client]") {
  struct Row {
    std::string reply;
    std::errc code;
    std::string message;
  };
  const Row rows[] = {
      {"", std::errc::connection_aborted, "within its answer"},
      {"{\"a\":1}\n", std::errc::connection_aborted, "within its answer"},
      {"{\"a\":1", std::errc::connection_aborted, "within its answer"},
      {"{\"done\":true,\"schema\":1,\"rows\":3}\n", std::errc::protocol_error, "3 rows were sent"},
      {"{\"done\":true,\"schema\":2,\"rows\":0}\n", std::errc::protocol_not_supported,
       "different versions (the answer is of schema 2)"},
      {"{\"done\":oh\n", std::errc::protocol_error, "not JSON"},
      {"{\"error\":{\"code\":\"permission_denied\",\"message\":\"no\"}}\n",
       std::errc::permission_denied, ": no"},
      {"{\"error\":{\"code\":\"unsupported_schema\",\"message\":\"old\"}}\n",
       std::errc::protocol_not_supported, "different versions (old)"},
      {"{\"error\":{\"code\":\"unknown_command\",\"message\":\"what\"}}\n",
       std::errc::not_supported, "different versions (what)"},
      {"{\"error\":{\"code\":\"timeout\",\"message\":\"busy\"}}\n", std::errc::timed_out, "busy"},
      {"{\"error\":7}\n", std::errc::io_error, "does not say why"},
      {std::string(Client::kMaxLineBytes + 65'536, 'x'), std::errc::protocol_error, "too long"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.reply.substr(0, 80));
    const Script script(row.reply);
    const Outcome outcome = ask(script);
    CHECK(outcome.error.code == row.code);
    CHECK_THAT(outcome.error.message, Contains(row.message));
  }
}

TEST_CASE("a daemon that says nothing is given up", "[control][client]") {
  const Script script("{\"a\":1}\n", true);
  const Outcome outcome = ask(script, 30);
  CHECK(outcome.error.code == std::errc::timed_out);
  CHECK(outcome.rows.size() == 1);
}

TEST_CASE("a row handler can end the work", "[control][client]") {
  const Script script("{\"a\":1}\n{\"a\":2}\n{\"done\":true,\"schema\":1,\"rows\":2}\n");
  auto client = Client::connect(script.path());
  REQUIRE(client);
  int rows = 0;
  const auto answer =
      client->ask({.command = "ps", .arguments = {}}, [&](std::string_view) { return ++rows < 1; });
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == std::errc::operation_canceled);
  CHECK(rows == 1);
}

TEST_CASE("a socket that is not there, dead or full says what to do", "[control][client]") {
  const TempFolder folder;
  const auto missing = Client::connect(folder.path("none.sock"));
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error().message, Contains("is sorreld running"));

  test::bind_to(folder.path("dead.sock")).reset();
  const auto dead = Client::connect(folder.path("dead.sock"));
  REQUIRE_FALSE(dead);
  CHECK_THAT(dead.error().message, Contains("start sorreld"));

  const Fd full = test::bind_to(folder.path("full.sock"));
  REQUIRE(::listen(full.get(), 0) == 0);
  const Fd waiting = test::connect_to(folder.path("full.sock"));
  const auto busy = Client::connect(folder.path("full.sock"));
  REQUIRE_FALSE(busy);
  CHECK_THAT(busy.error().message, Contains("try again"));

  CHECK_FALSE(Client::connect(folder.path(std::string(200, 'x'))));
}

TEST_CASE("who may not use the socket is told which group may", "[control][client]") {
  if (::geteuid() != 0) {
    WARN("SKIP: only root can become another user");
    return;
  }
  const TempFolder folder;
  std::filesystem::permissions(folder.path(""), std::filesystem::perms(0755));
  const std::string path = folder.path("a.sock");
  const Fd holder = test::bind_to(path);
  REQUIRE(::listen(holder.get(), 1) == 0);
  for (const mode_t mode : {mode_t{0600}, mode_t{0660}}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setgid(65'534) != 0 || ::setuid(65'534) != 0) ::_exit(2);
      const auto client = Client::connect(path);
      const std::string wanted =
          mode == 0600 ? "control.group" : "members of group " + group_name(0);
      const bool is_right = !client && client.error().message.find(wanted) != std::string::npos;
      ::_exit(is_right ? 0 : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
}

}  // namespace sorrel::control
