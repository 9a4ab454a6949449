#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"
#include "fake_kernel.h"
#include "input/kernel_source.h"
#include "netlink/message.h"
#include "sorreld/kernel_link.h"
#include "support.h"

namespace sorrel::agent {
namespace {

using netlink::RegistrationState;
using netlink::test::FakeKernel;
using netlink::test::FakeSocket;

constexpr std::uint32_t kOwnPid = 100;
constexpr std::uint32_t kOtherPid = 200;
constexpr netlink::Nonce kNonce = 0x1234;

// A link to a model of the kernel, and a reader of its event socket.
struct Fixture {
  explicit Fixture(netlink::Options wanted = {}, bool read_only = false)
      : options(wanted), link(make(read_only)), source(link.events(), clock, &link.watch()) {
    link.on_mode_change([this](const auto& change) { changes.push_back(change); });
  }

  KernelLink make(bool read_only) {
    auto socket = std::make_unique<FakeSocket>(kernel, clock, kOwnPid);
    events = socket.get();
    proc.write("1/comm", "init");
    proc.write(std::to_string(kOtherPid) + "/comm", "auditd\n");
    netlink::RegistrationOptions registration = netlink::registration_options(options, read_only);
    registration.own_pid = kOwnPid;
    registration.proc_root = proc.path();
    return KernelLink(std::move(socket), kernel.open(kOwnPid), options, registration, kNonce,
                      clock);
  }

  void register_other() {
    other = kernel.open(kOtherPid);
    const auto want = netlink::encode_setting(netlink::Setting::pid, kOtherPid);
    REQUIRE(other->send(netlink::Request(netlink::message::kSet, 0, 1, want).bytes()));
  }
  // Reads what has come; returns the payloads.
  std::vector<std::string> receive() {
    std::vector<std::string> payloads;
    for (;;) {
      const auto state = source.read(batch);
      REQUIRE(state);
      for (const record::Datagram& datagram : batch) payloads.emplace_back(datagram.payload);
      if (*state == input::ReadState::idle) return payloads;
    }
  }
  std::size_t heartbeats(const std::vector<std::string>& payloads) const {
    return static_cast<std::size_t>(
        std::count_if(payloads.begin(), payloads.end(), [&](const std::string& payload) {
          return payload.find(link.heartbeat_mark()) != std::string::npos;
        }));
  }
  std::size_t requests(std::uint16_t type) const {
    return static_cast<std::size_t>(
        std::count_if(kernel.requests.begin(), kernel.requests.end(),
                      [type](const FakeKernel::Seen& seen) { return seen.type == type; }));
  }

  ManualClock clock;
  FakeKernel kernel{clock};
  test::TempFolder proc;
  netlink::Options options;
  FakeSocket* events = nullptr;
  KernelLink link;
  input::KernelSource source;
  input::Batch batch;
  std::unique_ptr<netlink::AuditSocket> other;
  std::vector<netlink::RegistrationChange> changes;
};

}  // namespace

TEST_CASE("the link registers and applies the settings", "[sorreld][kernel]") {
  netlink::Options options;
  options.settings.backlog_limit = 8'192;
  Fixture f(options);
  const auto change = f.link.start();
  REQUIRE(change);
  CHECK(change->to == RegistrationState::registered);
  CHECK(f.kernel.status.pid == kOwnPid);
  CHECK(f.kernel.status.backlog_limit == 8'192);
}

TEST_CASE("beside another daemon it listens, and changes nothing", "[sorreld][kernel]") {
  netlink::Options options;
  options.settings.backlog_limit = 8'192;
  Fixture f(options);
  f.register_other();
  const auto change = f.link.start();
  REQUIRE(change);
  CHECK(change->to == RegistrationState::multicast);
  CHECK(change->holder_pid == kOtherPid);
  CHECK_THAT(change->reason, Catch::Matchers::Contains("auditd (pid 200)"));
  CHECK(f.kernel.status.backlog_limit == 64);
  f.link.run_due();
  CHECK(f.heartbeats(f.receive()) == 0);
}

TEST_CASE("without the fall-back the holder's name is in the error", "[sorreld][kernel]") {
  netlink::Options options;
  options.fall_back_to_multicast = false;
  Fixture f(options);
  f.register_other();
  const auto change = f.link.start();
  REQUIRE(!change);
  CHECK(change.error().code == std::errc::file_exists);
  CHECK_THAT(change.error().message, Catch::Matchers::Contains("auditd (pid 200)"));
}

TEST_CASE("a setting that the kernel refuses is an error, and the registration goes back",
          "[sorreld][kernel]") {
  netlink::Options options;
  options.settings.backlog_limit = 8'192;
  Fixture f(options);
  f.kernel.force = true;
  f.kernel.forced_value = 1;
  const auto change = f.link.start();
  CHECK(!change);
  CHECK(f.kernel.status.pid == 0);
}

TEST_CASE("heartbeats are sent in time, and more often after trouble", "[sorreld][kernel]") {
  netlink::Options options;
  options.status_poll_ms = 1'000'000;
  Fixture f(options);
  REQUIRE(f.link.start());
  f.receive();
  std::uint32_t wait_ms = f.link.run_due();
  CHECK(f.heartbeats(f.receive()) == 1);
  CHECK(wait_ms <= options.heartbeat_ms);
  f.link.run_due();
  CHECK(f.heartbeats(f.receive()) == 0);
  f.clock.advance_ms(options.heartbeat_ms);
  f.link.run_due();
  CHECK(f.heartbeats(f.receive()) == 1);

  f.kernel.status.lost += 3;
  f.clock.advance_ms(options.status_poll_ms);
  f.link.run_due();
  f.receive();
  CHECK(f.link.losses().kernel.value() == 3);
  wait_ms = f.link.run_due();
  CHECK(wait_ms <= options.heartbeat_stall_ms);
}

TEST_CASE("a multicast copy that did not fit is a loss", "[sorreld][kernel]") {
  Fixture f({}, true);
  f.events->limit = 10;
  REQUIRE(f.link.start());
  for (int i = 0; i < 25; ++i) f.kernel.emit(1300, "a=b");
  f.clock.advance_ms(f.options.status_poll_ms);
  f.link.run_due();
  CHECK(f.receive().size() == 10);
  CHECK(f.link.losses().socket.value() == 15);
}

TEST_CASE("a listener without CAP_AUDIT_CONTROL asks once, and listens on", "[sorreld][kernel]") {
  Fixture f({}, true);
  f.kernel.may_control = false;
  REQUIRE(f.link.start());
  const std::size_t asked = f.requests(netlink::message::kGet);
  for (int i = 0; i < 5; ++i) {
    f.clock.advance_ms(f.options.status_poll_ms);
    f.link.run_due();
  }
  CHECK(f.requests(netlink::message::kGet) == asked);
  f.kernel.emit(1300, "a=b");
  CHECK(f.receive().size() == 1);
}

TEST_CASE("a lost registration is regained and told", "[sorreld][kernel]") {
  Fixture f;
  REQUIRE(f.link.start());
  f.kernel.forget_registration();
  f.clock.advance_ms(f.options.status_poll_ms);
  f.link.run_due();
  REQUIRE(f.changes.size() == 1);
  CHECK(f.changes[0].to == RegistrationState::registered);
  CHECK(f.kernel.status.pid == kOwnPid);
}

TEST_CASE("it takes over when the holder is gone, and applies its settings then",
          "[sorreld][kernel]") {
  netlink::Options options;
  options.take_over_when_free = true;
  options.settings.backlog_limit = 8'192;
  Fixture f(options);
  f.register_other();
  REQUIRE(f.link.start());
  CHECK(f.kernel.status.backlog_limit == 64);
  f.other.reset();
  std::filesystem::remove_all(f.proc.path(std::to_string(kOtherPid)));
  for (int i = 0; i < 3 && f.changes.empty(); ++i) {
    f.clock.advance_ms(options.status_poll_ms);
    f.link.run_due();
  }
  REQUIRE(f.changes.size() == 1);
  CHECK(f.changes[0].to == RegistrationState::registered);
  CHECK(f.kernel.status.pid == kOwnPid);
  CHECK(f.kernel.status.backlog_limit == 8'192);
}

TEST_CASE("stopping sends a last heartbeat, drains, and gives the pid back", "[sorreld][kernel]") {
  Fixture f;
  REQUIRE(f.link.start());
  f.receive();
  f.kernel.emit(1300, "a=b");
  std::vector<std::string> drained;
  CHECK(!f.link.left_record());
  REQUIRE(f.link.stop([&] {
    for (std::string& payload : f.receive()) drained.push_back(std::move(payload));
  }));
  CHECK(f.kernel.status.pid == 0);
  CHECK(f.heartbeats(drained) == 1);
  CHECK(drained.size() >= 2);
  CHECK(f.link.left_record());
}

TEST_CASE("whether the leave is recorded depends on the audit as it is then", "[sorreld][kernel]") {
  const std::uint32_t at_first = GENERATE(0, 1);
  Fixture f;
  f.kernel.status.enabled = at_first;
  REQUIRE(f.link.start());
  f.link.run_due();
  f.kernel.status.enabled = 1 - at_first;
  REQUIRE(f.link.stop([&] { f.receive(); }));
  CHECK(f.link.left_record() == (at_first == 0));
}

TEST_CASE("with heartbeats off, none is sent, not even the last", "[sorreld][kernel]") {
  netlink::Options options;
  options.heartbeat_ms = 0;
  Fixture f(options);
  REQUIRE(f.link.start());
  f.link.run_due();
  std::size_t beats = f.heartbeats(f.receive());
  REQUIRE(f.link.stop([&] { beats += f.heartbeats(f.receive()); }));
  CHECK(beats == 0);
  CHECK(f.requests(netlink::message::kTrustedApp) == 0);
}

TEST_CASE("settings are restored at the end when that is wanted", "[sorreld][kernel]") {
  for (const auto at_exit : {netlink::AtExit::leave, netlink::AtExit::restore}) {
    netlink::Options options;
    options.settings.backlog_limit = 8'192;
    options.at_exit = at_exit;
    Fixture f(options);
    REQUIRE(f.link.start());
    REQUIRE(f.link.stop([&] { f.receive(); }));
    CHECK(f.kernel.status.backlog_limit == (at_exit == netlink::AtExit::restore ? 64 : 8'192));
  }
}

TEST_CASE("a reload applies changed settings to the kernel", "[sorreld][kernel]") {
  Fixture f;
  REQUIRE(f.link.start());
  netlink::Options options = f.options;
  options.settings.backlog_limit = 4'096;
  f.link.reconfigure(options);
  CHECK(f.kernel.status.backlog_limit == 4'096);
}

}  // namespace sorrel::agent
