#include "netlink/registration.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "catch.h"
#include "fake_kernel.h"
#include "netlink/heartbeat.h"
#include "netlink/message.h"

using namespace sorrel;
using namespace sorrel::netlink;
using Catch::Matchers::Contains;
using test::FakeKernel;
using test::FakeSocket;
using State = RegistrationState;
namespace fs = std::filesystem;

namespace {

// A /proc with the processes a test wants.
class FakeProc {
 public:
  FakeProc() {
    std::string pattern = (fs::temp_directory_path() / "sorrel-proc-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
  }
  ~FakeProc() { fs::remove_all(root_); }
  FakeProc(const FakeProc&) = delete;
  FakeProc& operator=(const FakeProc&) = delete;

  void add(std::uint32_t pid, std::string_view comm) {
    fs::create_directories(root_ / std::to_string(pid));
    std::ofstream(root_ / std::to_string(pid) / "comm") << comm << '\n';
  }
  void remove(std::uint32_t pid) { fs::remove_all(root_ / std::to_string(pid)); }
  void net_namespace(std::string_view process, std::string_view name) {
    fs::create_directories(root_ / process / "ns");
    fs::create_symlink(name, root_ / process / "ns" / "net");
  }
  std::string path() const { return root_.string(); }

 private:
  fs::path root_;
};

constexpr std::uint32_t kOwnPid = 100;
constexpr std::uint32_t kOtherPid = 200;

struct Fixture {
  ManualClock clock;
  FakeKernel kernel{clock};
  FakeProc proc;
  FakeSocket* raw;
  EventSocket events;
  ControlSocket control{kernel.open(kOwnPid), clock};
  RegistrationOptions options{.own_pid = kOwnPid, .proc_root = proc.path()};
  std::unique_ptr<AuditSocket> other;

  Fixture() : Fixture(std::make_unique<FakeSocket>(kernel, clock, kOwnPid)) {}
  explicit Fixture(std::unique_ptr<FakeSocket> socket)
      : raw(socket.get()), events(std::move(socket)) {}

  Registration make() { return Registration(events, control, clock, options); }

  void register_other(std::string_view comm = "auditd") {
    if (!comm.empty()) proc.add(kOtherPid, comm);
    other = kernel.open(kOtherPid);
    request_by_other(kOtherPid);
  }
  void request_by_other(std::uint32_t pid) {
    const StatusBytes want = encode_setting(Setting::pid, pid);
    REQUIRE(other->send(Request(message::kSet, 0, 1, want).bytes()));
  }
  std::optional<RegistrationChange> poll(Registration& registration) {
    const auto status = control.status();
    REQUIRE(status);
    return registration.observe(*status);
  }
  std::size_t drain() {
    std::size_t count = 0;
    for (;;) {
      auto received = events.receive();
      REQUIRE(received);
      count += received->messages.size();
      if (received->drained) return count;
    }
  }
};

}  // namespace

TEST_CASE("a free audit pid is taken and confirmed by the status", "[netlink]") {
  Fixture f;
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE(change);
  CHECK(change->to == State::registered);
  CHECK(registration.state() == State::registered);
  CHECK(f.kernel.has_reader(kOwnPid));
  CHECK_FALSE(f.poll(registration));
}

TEST_CASE("registration succeeds though the event socket is full", "[netlink]") {
  Fixture f;
  f.raw->limit = 0;
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE(change);
  CHECK(change->to == State::registered);
}

TEST_CASE("a dead daemon's registration is replaced, though the status still shows it",
          "[netlink]") {
  Fixture f;
  f.register_other();
  f.other.reset();
  f.proc.remove(kOtherPid);
  REQUIRE(f.control.status()->pid == kOtherPid);
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE(change);
  CHECK(change->to == State::registered);
  CHECK(f.kernel.status.pid == kOwnPid);
}

TEST_CASE("a socket inherited over a re-execution is registered already", "[netlink]") {
  Fixture f;
  {
    auto before = f.make();
    REQUIRE(before.start());
  }
  auto after = f.make();
  const auto change = after.start();
  REQUIRE(change);
  CHECK(change->to == State::registered);
}

TEST_CASE("another daemon is named, with what to do about it", "[netlink]") {
  Fixture f;
  f.options.fall_back_to_multicast = false;
  struct Row {
    std::string comm, expected;
  };
  const Row row = GENERATE(
      Row{"auditd",
          "auditd (pid 200) already reads the audit events; stop it (service auditd stop"},
      Row{"go-audit", "go-audit (pid 200) already reads the audit events; stop it or set input: "},
      Row{"evil\x1b[2J", "evil?[2J (pid 200)"},
      Row{"", "process 200, which has ended, is still registered"});
  f.register_other(row.comm);
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE_FALSE(change);
  CHECK(change.error().code == std::errc::file_exists);
  CHECK_THAT(change.error().message, Contains(row.expected));
  CHECK(f.kernel.status.pid == kOtherPid);
}

TEST_CASE("beside another daemon the multicast copies are read", "[netlink]") {
  Fixture f;
  f.register_other();
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE(change);
  CHECK(change->to == State::multicast);
  CHECK(change->holder_pid == kOtherPid);
  CHECK_THAT(change->reason, Contains("auditd (pid 200)") && Contains("multicast copies instead"));
  f.drain();
  f.kernel.emit(1300, "x");
  CHECK(f.drain() == 1);
}

TEST_CASE("when neither way is possible both reasons are given", "[netlink]") {
  Fixture f;
  f.register_other();
  f.kernel.may_read = false;
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE_FALSE(change);
  CHECK_THAT(change.error().message, Contains("auditd (pid 200)") && Contains("cannot join"));
}

TEST_CASE("in a user namespace the reason is the namespace", "[netlink]") {
  Fixture f;
  f.kernel.user_namespace = true;
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE_FALSE(change);
  CHECK(change.error().code == std::errc::connection_refused);
  CHECK_THAT(change.error().message, Contains("user namespace"));
}

TEST_CASE("in a pid namespace the multicast copies can be read", "[netlink]") {
  Fixture f;
  f.kernel.pid_namespace = true;
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE(change);
  CHECK(change->to == State::multicast);
  CHECK_THAT(change->reason, Contains("pid namespace"));
}

TEST_CASE("a network namespace without copies is named", "[netlink]") {
  Fixture f;
  f.options.read_only = true;
  f.proc.net_namespace("1", "net:[1]");
  const bool other = GENERATE(false, true);
  f.proc.net_namespace("self", other ? "net:[2]" : "net:[1]");
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE(change);
  CHECK((change->reason.find("network namespace") != std::string::npos) == other);
}

TEST_CASE("read-only mode writes nothing to the kernel, ever", "[netlink]") {
  Fixture f;
  f.options.read_only = true;
  f.options.take_over_when_free = true;
  auto registration = f.make();
  const auto change = registration.start();
  REQUIRE(change);
  CHECK(change->to == State::multicast);
  for (int i = 0; i < 5; ++i) {
    KernelStatus free;
    f.clock.advance_ms(600'000);
    CHECK_FALSE(registration.observe(free));
  }
  REQUIRE(registration.stop([] { FAIL("no heartbeat in read-only mode"); }, [] {}));
  CHECK(f.kernel.requests.empty());
}

TEST_CASE("a registration that the kernel dropped is taken again", "[netlink]") {
  Fixture f;
  auto registration = f.make();
  REQUIRE(registration.start());
  f.kernel.forget_registration();
  const auto change = f.poll(registration);
  REQUIRE(change);
  CHECK(change->from == State::registered);
  CHECK(change->to == State::registered);
  CHECK_THAT(change->reason, Contains("dropped") && Contains("registered again"));
  CHECK(f.kernel.has_reader(kOwnPid));
  CHECK_FALSE(f.poll(registration));
}

TEST_CASE("a registration that somebody took falls back to multicast", "[netlink]") {
  Fixture f;
  auto registration = f.make();
  REQUIRE(registration.start());
  f.kernel.forget_registration();
  f.register_other();
  const auto change = f.poll(registration);
  REQUIRE(change);
  CHECK(change->to == State::multicast);
  CHECK(change->holder_pid == kOtherPid);
  CHECK_THAT(change->reason, Contains("process 200 took our registration"));
}

TEST_CASE("without a fall-back the loss is said once and mended later", "[netlink]") {
  Fixture f;
  f.options.fall_back_to_multicast = false;
  auto registration = f.make();
  REQUIRE(registration.start());
  f.kernel.forget_registration();
  f.register_other();
  const auto change = f.poll(registration);
  REQUIRE(change);
  CHECK(change->to == State::lost);
  CHECK_FALSE(f.poll(registration));
  CHECK(registration.state() == State::lost);
  f.request_by_other(0);
  const auto mended = f.poll(registration);
  REQUIRE(mended);
  CHECK(mended->from == State::lost);
  CHECK(mended->to == State::registered);
}

TEST_CASE("the pid is taken over when it has been free for two polls", "[netlink]") {
  Fixture f;
  f.options.take_over_when_free = true;
  f.register_other();
  auto registration = f.make();
  REQUIRE(registration.start());
  CHECK_FALSE(f.poll(registration));
  f.request_by_other(0);
  CHECK_FALSE(f.poll(registration));  // it may only be restarting
  f.request_by_other(kOtherPid);
  CHECK_FALSE(f.poll(registration));
  f.request_by_other(0);
  CHECK_FALSE(f.poll(registration));
  const auto change = f.poll(registration);
  REQUIRE(change);
  CHECK(change->from == State::multicast);
  CHECK(change->to == State::registered);
  f.drain();
  f.kernel.emit(1300, "once");
  CHECK(f.drain() == 1);
}

TEST_CASE("the pid of a holder that died is taken over", "[netlink]") {
  Fixture f;
  f.options.take_over_when_free = true;
  f.register_other();
  auto registration = f.make();
  REQUIRE(registration.start());
  f.other.reset();
  f.proc.remove(kOtherPid);
  CHECK_FALSE(f.poll(registration));
  const auto change = f.poll(registration);
  REQUIRE(change);
  CHECK(change->to == State::registered);
}

TEST_CASE("a refused take-over is not repeated at every poll", "[netlink]") {
  Fixture f;
  f.options.take_over_when_free = true;
  f.register_other();
  auto registration = f.make();
  REQUIRE(registration.start());
  f.proc.remove(kOtherPid);  // dead, but its socket is open in a child
  f.kernel.requests.clear();
  for (int i = 0; i < 60; ++i) {  // 10 minutes
    CHECK_FALSE(f.poll(registration));
    f.clock.advance_ms(10'000);
  }
  std::size_t attempts = 0;
  for (const auto& request : f.kernel.requests) attempts += request.type == message::kSet ? 1 : 0;
  CHECK(attempts == 4);  // after 10 s, then 60, 120 and 240 s apart
}

TEST_CASE("take-over is off unless asked for", "[netlink]") {
  Fixture f;
  f.register_other();
  auto registration = f.make();
  REQUIRE(registration.start());
  f.request_by_other(0);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(f.poll(registration));
  CHECK(registration.state() == State::multicast);
}

TEST_CASE("stopping flushes what the kernel still holds, then lets go", "[netlink]") {
  Fixture f;
  auto registration = f.make();
  REQUIRE(registration.start());
  f.drain();
  f.raw->limit = 10;
  for (int i = 0; i < 11; ++i) f.kernel.emit(1300, "x");
  REQUIRE(f.kernel.retry_queue() == 1);
  std::size_t got = f.drain();
  CHECK(got == 10);
  bool flushed = false;
  const auto flush = [&] {
    flushed = true;
    REQUIRE(f.control.send_user_message(message::kTrustedApp, heartbeat_text(1, 1)));
  };
  REQUIRE(registration.stop(flush, [&] { got += f.drain(); }));
  CHECK(flushed);
  CHECK(got == 12);  // the stuck one and the heartbeat
  CHECK(f.kernel.status.pid == 0);
  CHECK(registration.state() == State::unregistered);
  CHECK(f.kernel.vanished == 1);  // the CONFIG_CHANGE of letting go, which nobody can receive
}

TEST_CASE("stopping without the flush would lose records silently", "[netlink]") {
  // Not what we want: what the heartbeat is for.
  Fixture f;
  auto registration = f.make();
  REQUIRE(registration.start());
  f.drain();
  f.raw->limit = 10;
  for (int i = 0; i < 11; ++i) f.kernel.emit(1300, "x");
  f.drain();
  REQUIRE(registration.stop([] {}, [&] { f.drain(); }));
  CHECK(f.kernel.vanished == 2);
  CHECK(f.kernel.status.lost == 0);
}

TEST_CASE("stopping when another holds the pid leaves it alone", "[netlink]") {
  Fixture f;
  auto registration = f.make();
  REQUIRE(registration.start());
  f.kernel.forget_registration();
  f.register_other();
  REQUIRE(registration.stop([] {}, [] {}));
  CHECK(f.kernel.status.pid == kOtherPid);
}

TEST_CASE("a kernel that does not let go is an error", "[netlink]") {
  Fixture f;
  auto registration = f.make();
  REQUIRE(registration.start());
  f.kernel.may_control = false;
  const auto stopped = registration.stop([] {}, [] {});
  REQUIRE_FALSE(stopped);
  CHECK_THAT(stopped.error().message, Contains("to set pid to 0"));
}

TEST_CASE("stopping twice, or before starting, does nothing", "[netlink]") {
  Fixture f;
  auto registration = f.make();
  REQUIRE(registration.stop([] { FAIL(); }, [] { FAIL(); }));
  CHECK(f.kernel.requests.empty());
}

TEST_CASE("states have names", "[netlink]") {
  CHECK(std::string(state_name(State::unregistered)) == "unregistered");
  CHECK(std::string(state_name(State::registered)) == "registered");
  CHECK(std::string(state_name(State::multicast)) == "multicast");
  CHECK(std::string(state_name(State::lost)) == "lost");
}
