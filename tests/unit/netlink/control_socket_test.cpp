#include "netlink/control_socket.h"

#include <cerrno>
#include <string>
#include <vector>

#include "catch.h"
#include "fake_kernel.h"
#include "netlink/message.h"

using namespace sorrel;
using namespace sorrel::netlink;
using Catch::Matchers::Contains;
using test::datagram;
using test::FakeKernel;
using test::FakeSocket;

namespace {

struct Fixture {
  ManualClock clock;
  FakeKernel kernel{clock};
  FakeSocket* raw;
  ControlSocket control;

  Fixture() : Fixture(std::make_unique<FakeSocket>(kernel, clock, 100)) {}
  explicit Fixture(std::unique_ptr<FakeSocket> socket)
      : raw(socket.get()), control(std::move(socket), clock, 1'000) {}
};

}  // namespace

TEST_CASE("the status is read", "[netlink]") {
  Fixture f;
  f.kernel.status.lost = 12;
  f.kernel.ack_before_reply = GENERATE(false, true);
  const auto status = f.control.status();
  REQUIRE(status);
  CHECK(status->lost == 12);
  CHECK(status->backlog_limit == 64);
  CHECK(f.kernel.requests.at(0).flags == kFlagRequest);
}

TEST_CASE("a kernel that does not answer is an error after the time limit", "[netlink]") {
  Fixture f;
  f.kernel.mute = true;
  const auto status = f.control.status();
  REQUIRE_FALSE(status);
  CHECK(status.error().code == std::errc::timed_out);
  CHECK_THAT(status.error().message, Contains("AUDIT_GET") && Contains("1000 ms"));
  CHECK(f.clock.monotonic_ns() == 1'000'000'000);
}

TEST_CASE("the answer to an older request is not taken for the new one", "[netlink]") {
  Fixture f;
  f.kernel.mute = true;
  REQUIRE_FALSE(f.control.status());  // sequence 1
  f.kernel.mute = false;
  f.raw->push({.bytes = datagram(message::kGet, std::string(44, '\1'), 60, 1)});
  f.raw->push({.bytes = datagram(message::kError, std::string(20, '\0'), 36, 1)});
  const auto status = f.control.status();
  REQUIRE(status);
  CHECK(status->enabled == 1);
  CHECK(f.control.late_answers().value() == 2);
}

TEST_CASE("an answer from another process is ignored", "[netlink]") {
  Fixture f;
  f.raw->push(
      {.bytes = datagram(message::kGet, std::string(44, '\1'), 60, 1), .sender_port = 4711});
  f.raw->push({.bytes = std::vector<std::byte>(3)});
  const auto status = f.control.status();
  REQUIRE(status);
  CHECK(status->enabled == 1);
}

TEST_CASE("refusals say what it takes", "[netlink]") {
  Fixture f;
  SECTION("no capability") {
    f.kernel.may_control = false;
    const auto status = f.control.status();
    REQUIRE_FALSE(status);
    CHECK(status.error().code == std::errc::operation_not_permitted);
    CHECK_THAT(status.error().message, Contains("AUDIT_GET") && Contains("CAP_AUDIT_CONTROL"));
  }
  SECTION("a pid namespace of its own") {
    f.kernel.pid_namespace = true;
    const auto status = f.control.status();
    REQUIRE_FALSE(status);
    CHECK_THAT(status.error().message, Contains("pid namespace"));
  }
  SECTION("a user namespace of its own") {
    f.kernel.user_namespace = true;
    const auto status = f.control.status();
    REQUIRE_FALSE(status);
    CHECK(status.error().code == std::errc::connection_refused);
    CHECK_THAT(status.error().message, Contains("user namespace") && Contains("audit=0"));
  }
  SECTION("a value out of range") {
    const auto set = f.control.set(Setting::failure, 3);
    REQUIRE_FALSE(set);
    CHECK(set.error().code == std::errc::invalid_argument);
    CHECK_THAT(set.error().message, Contains("to set failure to 3"));
  }
  SECTION("no capability for messages") {
    f.kernel.may_write = false;
    const auto sent = f.control.send_user_message(1121, "x");
    REQUIRE_FALSE(sent);
    CHECK_THAT(sent.error().message, Contains("CAP_AUDIT_WRITE"));
  }
}

TEST_CASE("a setting is one request with one bit, acknowledged", "[netlink]") {
  Fixture f;
  REQUIRE(f.control.set(Setting::backlog_limit, 8192));
  CHECK(f.kernel.status.backlog_limit == 8192);
  REQUIRE(f.kernel.requests.size() == 1);
  CHECK(f.kernel.requests[0].mask == 0x10);
  CHECK((f.kernel.requests[0].flags & kFlagAck) != 0);
}

TEST_CASE("a user message becomes a record", "[netlink]") {
  Fixture f;
  auto reader = std::make_unique<FakeSocket>(f.kernel, f.clock, 100);
  const StatusBytes want = encode_setting(Setting::pid, 100);
  REQUIRE(reader->send(Request(message::kSet, 0, 1, want).bytes()));
  REQUIRE(reader->receive());  // the CONFIG_CHANGE
  REQUIRE(f.control.send_user_message(1121, "op=test"));
  const auto raw = reader->receive();
  REQUIRE(raw);
  REQUIRE(raw->size() == 1);
  const auto payload = (*raw)[0].bytes.subspan(kHeaderBytes);
  CHECK_THAT(std::string(reinterpret_cast<const char*>(payload.data()), payload.size()),
             Contains("pid=100 ") && Contains("msg='op=test'"));
}

TEST_CASE("a message beyond the kernel's limit is refused here", "[netlink]") {
  Fixture f;
  const auto sent = f.control.send_user_message(1121, std::string(kMaxMessageBytes, 'x'));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == std::errc::message_size);
  CHECK(f.kernel.requests.empty());
}

TEST_CASE("a list is read to its end, over several batches", "[netlink]") {
  Fixture f;
  for (int i = 0; i < 11; ++i) f.kernel.rules.push_back("rule " + std::to_string(i));
  std::vector<std::string> seen;
  REQUIRE(f.control.list(message::kListRules, [&](std::span<const std::byte> payload) {
    seen.emplace_back(reinterpret_cast<const char*>(payload.data()), payload.size());
    return true;
  }));
  CHECK(seen == f.kernel.rules);
  CHECK(f.control.late_answers().value() == 0);
}

TEST_CASE("a list without entries ends at once", "[netlink]") {
  Fixture f;
  int calls = 0;
  REQUIRE(f.control.list(message::kListRules, [&](auto) {
    ++calls;
    return true;
  }));
  CHECK(calls == 0);
}

TEST_CASE("a list can be left early, and the rest is not taken for the next answer", "[netlink]") {
  Fixture f;
  f.kernel.rules.assign(11, "rule");
  int calls = 0;
  REQUIRE(f.control.list(message::kListRules, [&](auto) { return ++calls < 3; }));
  CHECK(calls == 3);
  CHECK(f.control.status());
}

TEST_CASE("who sent the last signal is told", "[netlink]") {
  Fixture f;
  const auto info = f.control.signal_info();
  REQUIRE(info);
  CHECK(info->uid == 1000);
  CHECK(info->pid == 4242);
  CHECK(info->context == "user_u:role");
}

TEST_CASE("a lost acknowledgement is an error after the time limit, not a hang", "[netlink]") {
  Fixture f;
  f.raw->limit = 0;
  const auto set = f.control.set(Setting::backlog_limit, 8192);
  REQUIRE_FALSE(set);
  CHECK(set.error().code == std::errc::timed_out);
  CHECK(f.kernel.status.backlog_limit == 8192);
}
