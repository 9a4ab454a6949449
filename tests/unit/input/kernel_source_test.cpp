#include "input/kernel_source.h"

#include <cerrno>
#include <string>
#include <utility>

#include "catch.h"
#include "unit/netlink/fake_kernel.h"

using namespace sorrel;
using namespace sorrel::input;
using netlink::test::datagram;
using netlink::test::FakeKernel;
using netlink::test::FakeSocket;

namespace {

struct Fixture {
  ManualClock clock;
  FakeKernel kernel{clock};
  FakeSocket* raw;
  netlink::EventSocket events;
  netlink::HeartbeatWatch watch{0x1234, 100};
  KernelSource source{events, clock, &watch};
  Batch batch;

  Fixture() : Fixture(std::make_unique<FakeSocket>(kernel, clock, 100)) {}
  explicit Fixture(std::unique_ptr<FakeSocket> socket)
      : raw(socket.get()), events(std::move(socket)) {
    clock.set_realtime_ns(5'000'000'000);
  }
  void push(std::uint16_t type, std::string_view payload) {
    raw->push({.bytes = datagram(type, payload, static_cast<std::uint32_t>(payload.size()))});
  }
};

}  // namespace

TEST_CASE("records of the kernel come as datagrams with the time of the batch", "[input]") {
  Fixture f;
  f.push(1300, "audit(1.000:7): arch=c000003e");
  f.push(1320, "audit(1.000:7): ");
  const auto state = f.source.read(f.batch);
  REQUIRE(state);
  CHECK(*state == ReadState::idle);
  REQUIRE(f.batch.size() == 2);
  CHECK(f.batch[0].type == 1300);
  CHECK(f.batch[0].payload == "audit(1.000:7): arch=c000003e");
  CHECK(f.batch[0].received_ns == 5'000'000'000);
  CHECK(f.batch[0].line.empty());
  CHECK(f.batch[0].node.empty());
  CHECK(f.batch[1].type == 1320);
  CHECK(f.batch[1].received_ns == 5'000'000'000);
}

TEST_CASE("a full batch asks for more and replaces the last one", "[input]") {
  Fixture f;
  for (std::size_t i = 0; i < FakeSocket::kBatch + 1; ++i) {
    f.push(1300, "audit(1.000:" + std::to_string(i) + "): x");
  }
  REQUIRE(*f.source.read(f.batch) == ReadState::more);
  CHECK(f.batch.size() == FakeSocket::kBatch);
  REQUIRE(*f.source.read(f.batch) == ReadState::idle);
  REQUIRE(f.batch.size() == 1);
  CHECK(f.batch[0].payload == "audit(1.000:4): x");
  REQUIRE(*f.source.read(f.batch) == ReadState::idle);
  CHECK(f.batch.empty());
}

TEST_CASE("our heartbeat is seen and stays in the batch", "[input]") {
  Fixture f;
  f.push(1121, "audit(1.000:1): pid=100 uid=0 msg='" + netlink::heartbeat_text(0x1234, 9) + "'");
  f.push(1121, "audit(1.000:2): pid=100 uid=0 msg='op=login'");
  REQUIRE(f.source.read(f.batch));
  CHECK(f.watch.last_seen() == 9);
  CHECK(f.batch.size() == 2);
}

TEST_CASE("a source without a watch passes heartbeats on", "[input]") {
  Fixture f;
  KernelSource source(f.events, f.clock, nullptr);
  f.push(1121, "audit(1.000:1): pid=100 uid=0 msg='" + netlink::heartbeat_text(0x1234, 9) + "'");
  REQUIRE(source.read(f.batch));
  CHECK(f.batch.size() == 1);
  CHECK(f.watch.last_seen() == 0);
}

TEST_CASE("an overrun does not end the input", "[input]") {
  Fixture f;
  f.raw->limit = 1;
  f.raw->report_overrun = true;
  f.push(1300, "audit(1.000:1): x");
  f.push(1300, "audit(1.000:2): x");
  REQUIRE(*f.source.read(f.batch) == ReadState::more);
  CHECK(f.batch.empty());
  REQUIRE(*f.source.read(f.batch) == ReadState::idle);
  CHECK(f.batch.size() == 1);
}
