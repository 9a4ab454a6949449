// Outputs to collectors and what a reload makes of them, with receivers of datagrams on 127.0.0.1.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.h"
#include "base/log.h"
#include "catch.h"
#include "sorreld/shipping.h"
#include "support.h"

namespace sorrel::agent {
namespace {

using test::TempFolder;
using Texts = std::vector<std::string>;

// Takes messages of syslog, and keeps what is behind their headers.
class Receiver {
 public:
  Receiver() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(fd_.get(), generic, size) == 0);
    REQUIRE(::getsockname(fd_.get(), generic, &size) == 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  const std::string& address() const { return address_; }
  const Texts& look() {
    char message[4096];
    for (;;) {
      const ssize_t size = ::recv(fd_.get(), message, sizeof message, 0);
      if (size < 0) return texts_;
      const std::string_view text(message, static_cast<std::size_t>(size));
      texts_.emplace_back(text.substr(text.rfind(' ') + 1));
    }
  }

 private:
  Fd fd_;
  std::string address_;
  Texts texts_;
};

struct ShippingFixture {
  ShippingFixture() {
    set_log_level(static_cast<Level>(9));
    options.state_dir = folder.path("state");
    options.buffer.min_free_bytes = 0;
    options.buffer.max_share_percent = 0;
  }
  ~ShippingFixture() {
    if (shipping) shipping->stop();
  }

  static config::OutputOptions output(const std::string& name, const Receiver& receiver) {
    config::OutputOptions made;
    made.name = name;
    made.type = config::OutputType::syslog_udp;
    made.udp.address = receiver.address();
    made.udp.format.app = name;
    return made;
  }
  void start(std::vector<config::OutputOptions> outputs) {
    options.outputs = std::move(outputs);
    auto opened =
        Shipping::open(options, std::nullopt, reactor, clock, "host",
                       [](const std::string&, buffer::Format, const buffer::Gap&) { return ""; });
    REQUIRE(opened);
    shipping = *std::move(opened);
    shipping->on_settled([this] { ++settled; });
    shipping->start();
  }
  Status prepare(std::vector<config::OutputOptions> outputs) {
    options.outputs = std::move(outputs);
    return shipping->prepare(options, "host");
  }
  // As the daemon does it; the pipeline is we.
  void reload(std::vector<config::OutputOptions> outputs) {
    REQUIRE(prepare(std::move(outputs)));
    CHECK_FALSE(shipping->is_settled());
    shipping->commit(shipping->buffer().ends());
    REQUIRE(reactor.run_until([this] { return shipping->is_settled(); }, 15'000));
  }
  void append(const std::string& text) {
    std::vector<Output> outputs;
    shipping->add_outputs(outputs);
    for (const Output& each : outputs) {
      buffer::FrameBatch batch;
      std::copy(text.begin(), text.end(), batch.reserve(text.size()));
      buffer::FrameHeader header;
      header.size_bytes = static_cast<std::uint32_t>(text.size());
      header.outputs = 0;
      for (const Wish& wish : each.wishes) header.outputs |= wish.bit;
      batch.append_frame(header);
      each.sink->write(batch);
    }
  }
  bool comes(Receiver& receiver, const Texts& texts) {
    const bool came = reactor.run_until([&] { return receiver.look() >= texts; }, 10'000);
    CHECK(receiver.look() == texts);
    return came;
  }
  // Of the first output: a moment after they were sent.
  bool counts(std::uint64_t acknowledged) {
    return reactor.run_until([&] { return shipping->outputs()[0].acknowledged == acknowledged; },
                             10'000);
  }
  std::string names() const {
    std::string all;
    for (const ShippedStatus& each : shipping->outputs()) all += each.name + ' ';
    return all;
  }

  TempFolder folder;
  SystemClock clock;
  config::Options options;
  Reactor reactor;
  std::unique_ptr<Shipping> shipping;
  int settled = 0;
};

}  // namespace

TEST_CASE_METHOD(ShippingFixture, "an output comes, moves and goes; the other goes on untouched",
                 "[sorreld][shipping]") {
  Receiver a;
  Receiver b;
  Receiver c;
  start({output("steady", a)});
  append("1");
  CHECK(comes(a, {"1"}));
  reload({output("steady", a), output("mobile", b)});
  CHECK(settled == 1);
  append("2");
  CHECK(comes(b, {"2"}));
  reload({output("mobile", c), output("steady", a)});
  append("3");
  CHECK(comes(c, {"3"}));
  reload({output("steady", a)});
  append("4");
  CHECK(comes(a, {"1", "2", "3", "4"}));
  CHECK(b.look() == Texts{"2"});
  CHECK(c.look() == Texts{"3"});
  CHECK(settled == 3);
  REQUIRE(shipping->outputs().size() == 1);
  CHECK(counts(4));  // since the start
}

TEST_CASE_METHOD(ShippingFixture, "an output that goes gets what was accepted before",
                 "[sorreld][shipping]") {
  Receiver a;
  Receiver b;
  start({output("one", a), output("two", b)});
  append("1");
  REQUIRE(prepare({output("one", a)}));
  const buffer::LaneEnds ends = shipping->buffer().ends();
  append("2");
  shipping->commit(ends);
  CHECK(comes(a, {"1", "2"}));
  REQUIRE(reactor.run_until([this] { return shipping->is_settled(); }, 15'000));
  CHECK(b.look() == Texts{"1"});
  CHECK(names() == "one ");
  // It comes back, and lacks only what was not for it.
  reload({output("one", a), output("two", b)});
  append("3");
  CHECK(comes(b, {"1", "3"}));
}

TEST_CASE_METHOD(ShippingFixture, "a new output begins where the pipeline begins to want it",
                 "[sorreld][shipping]") {
  Receiver a;
  Receiver b;
  Receiver c;
  start({output("one", a)});
  auto oldest = output("oldest", c);
  oldest.from_oldest = true;
  append("1");
  CHECK(comes(a, {"1"}));
  REQUIRE(prepare({output("one", a), output("two", b), oldest}));
  append("2");
  shipping->commit(shipping->buffer().ends());
  append("3");
  CHECK(comes(b, {"3"}));
  // What is in the log bears no bit of it.
  CHECK(comes(c, {"2", "3"}));
}

TEST_CASE_METHOD(ShippingFixture, "a reload that cannot be leaves everything as it was",
                 "[sorreld][shipping]") {
  Receiver a;
  Receiver b;
  start({output("one", a)});
  auto changed = output("one", b);
  auto broken = output("broken", b);
  SECTION("a file is not there") {
    broken.type = config::OutputType::relp;
    broken.network.addresses = {"127.0.0.1:1"};
    broken.network.tls.ca = folder.path("nothing.pem");
  }
  SECTION("no record is of the type") {
    broken.types = {"NONSENSE"};
  }
  const Status failed = prepare({changed, output("new", b), broken});
  REQUIRE_FALSE(failed);
  CHECK_THAT(failed.error().message, Catch::Matchers::Contains("output broken:"));
  CHECK(shipping->is_settled());
  append("1");
  CHECK(comes(a, {"1"}));
  CHECK(b.look().empty());
  CHECK(names() == "one ");
  CHECK_FALSE(std::filesystem::exists(folder.path("state/buffer/security/new.cursor")));
}

TEST_CASE_METHOD(ShippingFixture, "a reload that the pipeline does not take is undone",
                 "[sorreld][shipping]") {
  Receiver a;
  Receiver b;
  start({output("one", a)});
  REQUIRE(prepare({output("one", b), output("new", b)}));
  shipping->undo();
  append("1");
  CHECK(comes(a, {"1"}));
  reload({output("one", b), output("new", b)});
  append("2");
  CHECK(reactor.run_until([&] { return b.look().size() == 2; }, 10'000));
  CHECK(b.look() == Texts{"2", "2"});
}

TEST_CASE_METHOD(ShippingFixture, "other events and another keeping take no new connection",
                 "[sorreld][shipping]") {
  Receiver a;
  start({output("one", a)});
  append("1");
  CHECK(comes(a, {"1"}));
  CHECK(counts(1));
  auto changed = output("one", a);
  changed.types = {"SYSCALL"};
  changed.is_required = false;
  reload({changed});
  CHECK(shipping->outputs()[0].acknowledged == 1);  // those of the same output
  std::vector<Output> outputs;
  shipping->add_outputs(outputs);
  REQUIRE(outputs.size() == 1);
  CHECK(outputs[0].wishes[0].filter != nullptr);
}

TEST_CASE_METHOD(ShippingFixture, "all outputs may go, and one may come again",
                 "[sorreld][shipping]") {
  Receiver a;
  start({output("one", a)});
  reload({});
  std::vector<Output> outputs;
  shipping->add_outputs(outputs);
  CHECK(outputs.empty());
  CHECK(names().empty());
  reload({output("one", a)});
  append("1");
  CHECK(comes(a, {"1"}));
}

TEST_CASE_METHOD(ShippingFixture, "the end may come between the two steps of a reload",
                 "[sorreld][shipping]") {
  Receiver a;
  Receiver b;
  start({output("one", a)});
  REQUIRE(prepare({output("two", b)}));
  append("1");
  shipping->stop();
  shipping->commit(shipping->buffer().ends());
  CHECK(b.look().empty());
  shipping.reset();
  // Its cursor is there already: what was accepted for it comes with the next start.
  start({output("two", b)});
  CHECK(comes(b, {"1"}));
}

}  // namespace sorrel::agent
