#include "sink/udp_sink.h"

#include <array>

#include <boost/asio/ip/udp.hpp>

#include "stream_sink_fixture.h"

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using std::chrono::milliseconds;

// A sink between a list of events and a socket on the loopback interface.
struct UdpFixture : StreamSinkFixture {
  UdpFixture() {
    options.retry_min = options.retry_max = milliseconds(20);
    receiver.open(udp::v4());
    receiver.bind({asio::ip::address_v4::loopback(), 0});
    receiver.non_blocking(true);
    options.address = "127.0.0.1:" + std::to_string(receiver.local_endpoint().port());
  }
  ~UdpFixture() {
    if (!udp_sink) return;
    udp_sink->stop();
    feed.stop();
    run_until([&] { return has_ended; });
  }
  void start() {
    auto made = UdpSink::create("central", options, context.get_executor(), feed);
    REQUIRE(made);
    udp_sink = *std::move(made);
    asio::co_spawn(context, udp_sink->run(), [this](const std::exception_ptr& escaped) {
      SORREL_CHECK(!escaped, "an exception left the sink");
      has_ended = true;
    });
  }
  void read() {
    std::array<char, 65'536> bytes;
    boost::system::error_code error;
    for (;;) {
      const std::size_t size = receiver.receive(asio::buffer(bytes), 0, error);
      if (error) return;
      datagrams.emplace_back(bytes.data(), size);
    }
  }

  UdpOptions options;
  udp::socket receiver{context};
  std::vector<std::string> datagrams;
  std::unique_ptr<UdpSink> udp_sink;
};

}  // namespace

TEST_CASE_METHOD(UdpFixture, "udp: a message is a datagram", "[udp][sink]") {
  start();
  feed.add(2);
  REQUIRE(run_until([&] { return feed.text() == "1+ 2+"; }));
  read();
  REQUIRE(datagrams.size() == 2);
  CHECK(datagrams[0].rfind("<110>1 ", 0) == 0);
  CHECK(datagrams[0].find("event 1") == datagrams[0].size() - 7);
  CHECK(udp_sink->counters().acknowledged.value() == 2);
  CHECK(udp_sink->counters().sent_bytes.value() == datagrams[0].size() + datagrams[1].size());
}

TEST_CASE_METHOD(UdpFixture, "udp: a port that nobody listens on is noticed, and tried again",
                 "[udp][sink]") {
  const auto place = receiver.local_endpoint();
  receiver.close();
  start();
  feed.add(1);
  REQUIRE(run_until([&] { return udp_sink->trouble() != ""; }));
  CHECK(udp_sink->trouble() ==
        "sending to " + options.address + " (127.0.0.1) failed: nobody listens on that port");
  CHECK(feed.text().empty());
  receiver.open(udp::v4());
  receiver.bind(place);
  receiver.non_blocking(true);
  REQUIRE(run_until([&] { return feed.text() == "1+"; }));
  read();
  CHECK(datagrams.size() == 1);
}

TEST_CASE_METHOD(UdpFixture, "udp: no more than the rate is sent", "[udp][sink]") {
  options.rate = 10;
  start();
  feed.add(5);
  run_for(milliseconds(250));
  read();
  CHECK(datagrams.size() >= 2);
  CHECK(datagrams.size() <= 4);
}

TEST_CASE_METHOD(UdpFixture, "udp: what fits into no datagram goes to the dead letters",
                 "[udp][sink]") {
  options.format.max_message_bytes = 1u << 20;  // more than the configuration allows
  feed.add_text(std::string(70'000, 'x'));
  feed.add(1);
  start();
  REQUIRE(
      run_until([&] { return feed.text() == "1:too long for a datagram: lower max_message 2+"; }));
  CHECK(udp_sink->counters().rejected.value() == 1);
}

TEST_CASE_METHOD(UdpFixture, "udp: an address that is none is an error", "[udp][sink]") {
  options.address = "nonsense";
  CHECK_FALSE(UdpSink::create("central", options, context.get_executor(), feed));
}

}  // namespace sorrel::sink
