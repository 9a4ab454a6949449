#include "input/unix_source.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "base/log.h"
#include "catch.h"
#include "support.h"

namespace sorrel::input {
namespace {

using test::audit_line;
using test::frame;

// auditd's end of the socket.
class Listener {
 public:
  explicit Listener(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    ::unlink(path.c_str());
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_.get(), 1) == 0);
  }
  Fd accept() const {
    Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(client);
    return client;
  }

 private:
  Fd fd_;
};

void send(const Fd& fd, const std::string& bytes) {
  REQUIRE(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
}

struct Bench {
  test::TempFolder folder;
  std::string path = folder.path("audispd_events");
  ManualClock clock;
  std::unique_ptr<UnixSource> source;
  Batch batch;

  explicit Bench(const ReadLimits& limits = {}) {
    set_log_level(Level::error);
    auto opened = UnixSource::open(path, clock, limits);
    REQUIRE(opened);
    source = *std::move(opened);
  }
  ~Bench() { set_log_level(Level::info); }

  ReadState read() {
    auto state = source->read(batch);
    REQUIRE(state);
    return *state;
  }
  // All that is there now.
  std::vector<std::string> lines() {
    std::vector<std::string> lines;
    while (read() == ReadState::more) {
      for (const auto& datagram : batch) lines.emplace_back(datagram.line);
    }
    return lines;
  }
};

TEST_CASE("text from auditd's socket is read line by line", "[unix_source]") {
  Bench bench;
  const Listener auditd(bench.path);
  CHECK(bench.read() == ReadState::idle);
  REQUIRE(bench.source->connected());
  CHECK(bench.source->wait_fd() >= 0);
  CHECK(bench.source->next_ready_ns() == Source::kNever);
  const Fd peer = auditd.accept();
  send(peer, audit_line(1) + "\n" + audit_line(2) + "\n" + audit_line(3).substr(0, 20));
  CHECK(bench.lines() == std::vector<std::string>{audit_line(1), audit_line(2)});
  send(peer, audit_line(3).substr(20) + "\n");
  CHECK(bench.lines() == std::vector<std::string>{audit_line(3)});
  CHECK(bench.lines().empty());
}

TEST_CASE("binary frames from auditd's socket are read", "[unix_source]") {
  for (const std::size_t padded_to : {std::size_t{0}, FrameSplitter::kPaddedDataBytes}) {
    Bench bench({.chunk_bytes = 10});
    const Listener auditd(bench.path);
    bench.read();
    const Fd peer = auditd.accept();
    send(peer, frame(0, 1300, "audit(1.000:1): a=1", padded_to));
    REQUIRE(bench.read() == ReadState::more);
    REQUIRE(bench.batch.size() == 1);
    CHECK(bench.batch[0].type == 1300);
    CHECK(bench.batch[0].payload == "audit(1.000:1): a=1");
    CHECK(bench.batch[0].line.empty());
    send(peer, frame(1, 1300, audit_line(2), padded_to));
    CHECK(bench.lines() == std::vector<std::string>{audit_line(2)});
    CHECK(bench.source->counts().skipped_bytes == 0);
  }
}

TEST_CASE("the format is found anew with each connection", "[unix_source]") {
  Bench bench;
  const Listener auditd(bench.path);
  bench.read();
  send(auditd.accept(), frame(1, 0, audit_line(1)) + frame(1, 0, "cut").substr(0, 17));
  CHECK(bench.lines() == std::vector<std::string>{audit_line(1)});
  CHECK_FALSE(bench.source->connected());
  CHECK(bench.source->counts().skipped_bytes == 17);
  bench.clock.advance_ms(UnixSource::kMinRetryMs);
  bench.read();
  send(auditd.accept(), audit_line(2) + "\n");
  CHECK(bench.lines() == std::vector<std::string>{audit_line(2)});
  CHECK(bench.source->counts().connects == 2);
}

TEST_CASE("a last line without a newline is given when the peer closes", "[unix_source]") {
  Bench bench;
  const Listener auditd(bench.path);
  bench.read();
  send(auditd.accept(), audit_line(1));
  REQUIRE(bench.read() == ReadState::more);
  REQUIRE(bench.batch.size() == 1);
  CHECK(bench.batch[0].line == audit_line(1));
  CHECK(bench.read() == ReadState::idle);
}

TEST_CASE("half a line of one connection does not join the next one", "[unix_source]") {
  Bench bench({.max_line_bytes = 20});
  const Listener auditd(bench.path);
  bench.read();
  send(auditd.accept(), "a line that is too long and has no end");
  CHECK(bench.lines() == std::vector<std::string>{"a line that is too l"});
  bench.clock.advance_ms(UnixSource::kMinRetryMs);
  bench.read();
  send(auditd.accept(), "new\n");
  CHECK(bench.lines() == std::vector<std::string>{"new"});
  CHECK(bench.source->counts().cut_lines == 1);
  CHECK(bench.source->counts().cut_bytes == 18);
}

TEST_CASE("without auditd it tries again, ever more seldom", "[unix_source]") {
  Bench bench;
  CHECK(bench.read() == ReadState::idle);
  const std::uint64_t waits_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
  std::uint64_t failed = 1;
  for (const std::uint64_t wait_ms : waits_ms) {
    CHECK(bench.source->wait_fd() == -1);
    CHECK(bench.source->next_ready_ns() == bench.clock.monotonic_ns() + wait_ms * 1'000'000);
    bench.clock.advance_ms(wait_ms - 1);
    CHECK(bench.read() == ReadState::idle);
    CHECK(bench.source->counts().failed_connects == failed);
    bench.clock.advance_ms(1);
    CHECK(bench.read() == ReadState::idle);
    CHECK(bench.source->counts().failed_connects == ++failed);
  }
  const Listener auditd(bench.path);
  bench.clock.advance_ms(UnixSource::kMaxRetryMs);
  bench.read();
  CHECK(bench.source->connected());
}

TEST_CASE("a peer that hangs up at once is not asked in a tight loop", "[unix_source]") {
  Bench bench;
  const Listener auditd(bench.path);
  for (const std::uint64_t wait_ms : {100u, 200u, 400u}) {
    bench.read();
    auditd.accept().reset();
    CHECK(bench.read() == ReadState::idle);
    CHECK(bench.source->next_ready_ns() == bench.clock.monotonic_ns() + wait_ms * 1'000'000);
    bench.clock.advance_ms(wait_ms);
  }
  // Bytes set it back.
  bench.read();
  send(auditd.accept(), "line\n");
  bench.lines();
  CHECK(bench.source->next_ready_ns() == bench.clock.monotonic_ns() + 100'000'000);
}

TEST_CASE("a path that is no socket's path is an error", "[unix_source]") {
  const ManualClock clock;
  for (const std::string& path : {std::string(), std::string(108, 'x')}) {
    auto source = UnixSource::open(path, clock);
    REQUIRE_FALSE(source);
    CHECK(source.error().code == std::errc::invalid_argument);
  }
  CHECK(UnixSource::open(std::string(107, 'x'), clock));
}

}  // namespace
}  // namespace sorrel::input
