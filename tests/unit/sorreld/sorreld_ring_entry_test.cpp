#include <string>
#include <vector>

#include "catch.h"
#include "sorreld/channel.h"
#include "sorreld/ring_entry.h"

namespace sorrel::agent {
namespace {

// Through an entry, and out of its bytes alone.
struct Copy {
  explicit Copy(const record::Datagram& datagram) : bytes(entry_bound(datagram)) {
    bytes.resize(write_entry(datagram, bytes));
    read_entry(bytes, read);
  }
  std::vector<std::byte> bytes;
  record::Datagram read;
};

void check_same(const record::Datagram& a, const record::Datagram& b) {
  CHECK(a.type == b.type);
  CHECK(a.received_ns == b.received_ns);
  CHECK(a.payload == b.payload);
  CHECK(a.line == b.line);
  CHECK((a.line.data() == nullptr) == (b.line.data() == nullptr));
  CHECK(a.node == b.node);
  CHECK(a.type_name == b.type_name);
}

}  // namespace

TEST_CASE("a record from the kernel comes out of the ring as it went in", "[sorreld][ring]") {
  for (const std::size_t size : {0u, 1u, 160u, 8'970u}) {
    std::string payload(size, 'x');
    if (size > 1) payload[size / 2] = '\0';
    record::Datagram datagram;
    datagram.type = 1309;
    datagram.payload = payload;
    datagram.received_ns = 1'700'000'000'123'456'789;
    const Copy copy(datagram);
    check_same(copy.read, datagram);
    CHECK(copy.bytes.size() == size + 16);
  }
}

TEST_CASE("a line of text comes out of the ring as it went in", "[sorreld][ring]") {
  for (const std::string line :
       {"", "x", "no audit record at all", "type=SYSCALL msg=audit(1.000:1): arch=c000003e",
        "node=web-1 type=UNKNOWN[1999] msg=audit(1.000:2): a=b\x1d"
        "A=C"}) {
    const record::Datagram datagram = record::parse_line(line);
    const Copy copy(datagram);
    check_same(copy.read, datagram);
  }
}

TEST_CASE("views that are no part of the line are kept too", "[sorreld][ring]") {
  const std::string line = "the line";
  const std::string payload = "audit(1.000:1): elsewhere";
  record::Datagram datagram;
  datagram.line = line;
  datagram.payload = payload;
  datagram.type_name = std::string_view(line).substr(4);
  const Copy copy(datagram);
  check_same(copy.read, datagram);
}

TEST_CASE("a ring that is kept empty is used from its beginning", "[sorreld][ring]") {
  auto channel = Channel::create(1 << 20);
  REQUIRE(channel);
  ByteRing& ring = (*channel)->ring();
  const std::byte* first = nullptr;
  const std::byte* last = nullptr;
  for (int round = 0; round < 10'000; ++round) {
    ring.rewind_if_empty();
    for (int i = 0; i < 10; ++i) {
      const std::span<std::byte> room = ring.reserve(200);
      REQUIRE(room.size() == 200);
      room[0] = static_cast<std::byte>(i);
      ring.push(200);
      if (first == nullptr) first = room.data();
      last = std::max(last, static_cast<const std::byte*>(room.data()));
    }
    ring.publish();
    for (int i = 0; i < 10; ++i) {
      const std::span<const std::byte> entry = ring.front();
      REQUIRE(entry.size() == 200);
      REQUIRE(entry[0] == static_cast<std::byte>(i));
      ring.pop();
    }
    CHECK(ring.front().empty());
    (*channel)->release();
    CHECK(ring.empty());
  }
  CHECK(last - first < (1 << 20) / 8);
}

TEST_CASE("a ring that was wound back holds as much as before", "[sorreld][ring]") {
  ByteRing ring(64 * 1024);
  // Leaves the writer in the middle, with all of it read.
  for (int i = 0; i < 100; ++i) {
    REQUIRE(!ring.reserve(400).empty());
    ring.push(400);
    ring.publish();
    REQUIRE(!ring.front().empty());
    ring.pop();
    ring.release();
  }
  ring.rewind_if_empty();
  int held = 0;
  while (!ring.reserve(400).empty()) {
    ring.push(400);
    ++held;
  }
  ring.publish();
  CHECK(held > 64 * 1024 / 408 * 3 / 8);
  for (int i = 0; i < held; ++i) {
    REQUIRE(ring.front().size() == 400);
    ring.pop();
  }
  ring.release();
  CHECK(ring.front().empty());
  CHECK(ring.empty());
}

}  // namespace sorrel::agent
