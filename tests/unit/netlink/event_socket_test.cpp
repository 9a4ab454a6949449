#include "netlink/event_socket.h"

#include <cerrno>
#include <string>
#include <vector>

#include "catch.h"
#include "fake_kernel.h"
#include "netlink/message.h"

using namespace sorrel;
using namespace sorrel::netlink;
using test::datagram;
using test::FakeKernel;
using test::FakeSocket;

namespace {

struct Fixture {
  ManualClock clock;
  FakeKernel kernel{clock};
  FakeSocket* raw;
  EventSocket events;

  Fixture() : Fixture(std::make_unique<FakeSocket>(kernel, clock, 100)) {}
  explicit Fixture(std::unique_ptr<FakeSocket> socket)
      : raw(socket.get()), events(std::move(socket)) {}

  void push(std::uint16_t type, std::string_view payload, std::size_t length,
            bool multicast = false) {
    raw->push({.bytes = datagram(type, payload, static_cast<std::uint32_t>(length)),
               .multicast = multicast});
  }
  // Everything that waits, as "TYPE TEXT".
  std::vector<std::string> read_all() {
    std::vector<std::string> lines;
    for (;;) {
      auto received = events.receive();
      REQUIRE(received);
      for (const Message& m : received->messages) {
        lines.push_back(std::to_string(m.type) + " " + std::string(m.payload));
      }
      if (received->drained) return lines;
    }
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a unicast record is as long as its datagram, whatever nlmsg_len says", "[netlink]") {
  Fixture f;
  const std::string_view text = "audit(1.000:5): argc=1 a0=\"x\"";
  f.push(1309, text, text.size());                 // the kernel's quirk
  f.push(1309, text, text.size() + kHeaderBytes);  // as other messages
  f.push(1309, text, 0);
  f.push(1309, text, 0xffffffff);
  const std::string line = "1309 " + std::string(text);
  CHECK(f.read_all() == Lines{line, line, line, line});
  CHECK(f.events.counters().records.value() == 4);
  CHECK(f.events.counters().bytes.value() == 4 * text.size());
}

TEST_CASE("the padding of a multicast copy is cut off", "[netlink]") {
  Fixture f;
  f.push(1300, std::string_view("audit(1.000:5): a=b\0\0\0", 22), 35, true);
  f.push(1300, std::string_view("audit(1.000:6): a=b\n\0", 21), 36, true);
  f.push(1300, std::string_view("\0\0\0\0", 4), 16, true);
  CHECK(f.read_all() == Lines{"1300 audit(1.000:5): a=b", "1300 audit(1.000:6): a=b", "1300 "});
}

TEST_CASE("a datagram that the kernel did not send is dropped and counted", "[netlink]") {
  Fixture f;
  f.raw->push({.bytes = datagram(1300, "audit(1.000:1): forged", 30), .sender_port = 4711});
  f.push(1300, "audit(1.000:2): real", 20);
  CHECK(f.read_all() == Lines{"1300 audit(1.000:2): real"});
  CHECK(f.events.counters().foreign.value() == 1);
}

TEST_CASE("a datagram without a whole header is dropped and counted", "[netlink]") {
  Fixture f;
  f.raw->push({.bytes = {}});
  f.raw->push({.bytes = std::vector<std::byte>(kHeaderBytes - 1)});
  f.push(1300, "", 16);
  CHECK(f.read_all() == Lines{"1300 "});
  CHECK(f.events.counters().malformed.value() == 2);
}

TEST_CASE("a record cut by the buffer is delivered, marked and counted", "[netlink]") {
  Fixture f;
  f.raw->push({.bytes = datagram(1309, "audit(1.000:1): long", 20), .truncated = true});
  const auto received = f.events.receive();
  REQUIRE(received);
  REQUIRE(received->messages.size() == 1);
  CHECK(received->messages[0].truncated);
  CHECK(f.events.counters().truncated.value() == 1);
}

TEST_CASE("answers of the control protocol are no records", "[netlink]") {
  Fixture f;
  const auto type = GENERATE(as<std::uint16_t>{}, 0, 1, 2, 3, 16, 999, 1000, 1001, 1004, 1007, 1010,
                             1013, 1019, 1099);
  CAPTURE(type);
  f.push(type, "whatever this is", 32);
  CHECK(f.read_all().empty());
  CHECK(f.events.counters().control_messages.value() == 1);
}

TEST_CASE("every type from the log is a record", "[netlink]") {
  Fixture f;
  const auto type = GENERATE(as<std::uint16_t>{}, 1005, 1006, 1100, 1199, 1300, 1328, 1330, 1400,
                             2000, 2999, 65535);
  CAPTURE(type);
  f.push(type, "audit(1.000:1): x", 17);
  CHECK(f.read_all().size() == 1);
}

TEST_CASE("a request to replace us is reported with the pid of who asked, once", "[netlink]") {
  Fixture f;
  REQUIRE(f.events.request_registration(100));
  auto newcomer = f.kernel.open(200);
  const StatusBytes want = encode_setting(Setting::pid, 200);
  REQUIRE(newcomer->send(Request(message::kSet, 0, 1, want).bytes()));
  f.read_all();
  CHECK(f.events.counters().replace_requests.value() == 1);
  CHECK(f.events.take_replacer() == 200);
  CHECK(f.events.take_replacer() == 0);
}

TEST_CASE("a refusal that arrives on the event socket is remembered, once", "[netlink]") {
  Fixture f;
  f.kernel.may_control = false;
  REQUIRE(f.events.request_registration(100));
  CHECK(f.read_all().empty());
  CHECK(f.events.take_refusal() == EPERM);
  CHECK(f.events.take_refusal() == 0);
}

TEST_CASE("the registration asks for no acknowledgement", "[netlink]") {
  Fixture f;
  REQUIRE(f.events.request_registration(100));
  REQUIRE(f.kernel.requests.size() == 1);
  CHECK((f.kernel.requests[0].flags & kFlagAck) == 0);
  CHECK(f.kernel.requests[0].mask == 4);
  CHECK(f.read_all() == Lines{"1305 audit(1000.000:1): op=set audit_pid=100 old=0 res=1"});
}

TEST_CASE("a record delivered twice while multicast becomes unicast is given once", "[netlink]") {
  Fixture f;
  REQUIRE(f.events.join_multicast());
  f.kernel.emit(1300, "copy");  // serial 1, multicast
  REQUIRE(f.events.request_registration(100));
  // More than one batch of both, with a control message between the two of a pair.
  for (int i = 0; i < 7; ++i) f.kernel.emit(1300, "both");
  const std::string last = "audit(1000.000:10): last";
  f.push(1300, last, last.size() + kHeaderBytes, true);
  f.push(message::kError, std::string_view("\0\0\0\0", 4), 20);
  f.push(1300, last, last.size());
  REQUIRE(f.events.leave_multicast());
  f.kernel.emit(1300, "alone");
  const auto lines = f.read_all();
  Lines expected = {"1300 audit(1000.000:1): copy",
                    "1305 audit(1000.000:2): op=set audit_pid=100 old=0 res=1"};
  for (int i = 3; i < 10; ++i) {
    expected.push_back("1300 audit(1000.000:" + std::to_string(i) + "): both");
  }
  expected.push_back("1300 audit(1000.000:10): last");
  expected.push_back("1300 audit(1000.000:10): alone");
  CHECK(lines == expected);
  CHECK(f.events.counters().duplicates.value() == 9);
}

TEST_CASE("equal records that are no copies of each other all arrive", "[netlink]") {
  Fixture f;
  const bool multicast = GENERATE(false, true);
  for (int i = 0; i < 10; ++i) f.push(1306, "audit(1.000:1): same", 20, multicast);
  CHECK(f.read_all().size() == 10);
}

TEST_CASE("an overrun that the socket reports is counted and reading goes on", "[netlink]") {
  Fixture f;
  f.raw->limit = 2;
  f.raw->report_overrun = true;
  for (int i = 0; i < 3; ++i) f.push(1300, "audit(1.000:1): x", 17);
  const auto first = f.events.receive();
  REQUIRE(first);
  CHECK(first->messages.empty());
  CHECK_FALSE(first->drained);
  CHECK(f.events.counters().overruns.value() == 1);
  CHECK(f.read_all().size() == 2);
  CHECK(f.events.memory()->drops == 1);
}

TEST_CASE("a batch that was full asks for another", "[netlink]") {
  Fixture f;
  for (std::size_t i = 0; i < FakeSocket::kBatch; ++i) f.push(1300, "audit(1.000:1): x", 17);
  const auto first = f.events.receive();
  REQUIRE(first);
  CHECK_FALSE(first->drained);
  const auto second = f.events.receive();
  REQUIRE(second);
  CHECK(second->drained);
  CHECK(f.events.counters().batches.value() == 1);
}

TEST_CASE("a benchmark may play the kernel under another address", "[netlink]") {
  ManualClock clock;
  FakeKernel kernel(clock);
  auto socket = std::make_unique<FakeSocket>(kernel, clock, 100);
  FakeSocket* raw = socket.get();
  EventSocket events(std::move(socket), 4711);
  raw->push({.bytes = datagram(1300, "audit(1.000:1): x", 17), .sender_port = 4711});
  raw->push({.bytes = datagram(1300, "audit(1.000:1): x", 17), .sender_port = 0});
  const auto received = events.receive();
  REQUIRE(received);
  CHECK(received->messages.size() == 1);
  CHECK(events.counters().foreign.value() == 1);
}
