#include <fcntl.h>
#include <unistd.h>

#include <thread>

#include "base/fd.h"
#include "catch.h"
#include "sink_fixture.h"

namespace sorrel::sink {
namespace {

struct StdoutFixture : SinkFixture {
  StdoutFixture() {
    int ends[2];
    SORREL_CHECK(::pipe2(ends, O_CLOEXEC) == 0, "pipe");
    reader = Fd(ends[0]);
    writer = Fd(ends[1]);
    storage.stdout_fd = writer.get();
    options.path = "-";
  }
  std::string read_all() {
    std::string text(1 << 20, '\0');
    std::size_t size = 0;
    for (;;) {
      const ssize_t count = ::read(reader.get(), text.data() + size, text.size() - size);
      if (count <= 0) break;
      size += static_cast<std::size_t>(count);
    }
    text.resize(size);
    return text;
  }

  Fd reader;
  Fd writer;
};

TEST_CASE_METHOD(StdoutFixture, "standard output gets the frames and nothing else", "[sink]") {
  options.line_prefix = "@cee: ";
  options.rotate_size_bytes = 1;  // means nothing here
  open();
  CHECK(write({"one\n", "two\n"}) == Answer::acknowledged);
  tick();
  sink->reopen();
  CHECK(write({"three\n"}) == Answer::acknowledged);
  writer.reset();
  CHECK(read_all() == "@cee: one\n@cee: two\n@cee: three\n");
  CHECK(statistics().written.frames.value() == 3);
  CHECK(storage.open_calls == 0);
  CHECK(statistics().rotations.value() == 0);
}

TEST_CASE_METHOD(StdoutFixture, "a reader that went away ends standard output for good", "[sink]") {
  open();
  reader.reset();
  CHECK(write({"one\n"}) == Answer::fatal);
  const std::uint64_t calls = storage.write_calls;
  CHECK(write({"two\n"}) == Answer::fatal);
  CHECK(storage.write_calls == calls);
  CHECK(statistics().drop(DropReason::broken_pipe).frames.value() == 2);
}

TEST_CASE_METHOD(StdoutFixture, "a full pipe is waited for", "[sink]") {
  REQUIRE(::fcntl(writer.get(), F_SETFL, O_NONBLOCK) == 0);
  open();
  const std::string line(4999, 'x');
  std::vector<std::string> frames(40, line + "\n");  // 200 kB: more than the pipe holds
  std::string received;
  std::thread other([&] { received = read_all(); });
  const Answer answer = write(frames);
  writer.reset();
  other.join();
  CHECK(answer == Answer::acknowledged);
  CHECK(received.size() == 200'000);
  CHECK(storage.waits > 0);
  CHECK(statistics().written.frames.value() == 40);
}

TEST_CASE_METHOD(StdoutFixture, "a full disk behind standard output is fatal", "[sink]") {
  open();
  storage.space_bytes = 5;
  CHECK(write({"one\n", "two\n"}) == Answer::fatal);
  CHECK(statistics().written.frames.value() == 1);
  CHECK(statistics().drop(DropReason::no_space).frames.value() == 1);
}

}  // namespace
}  // namespace sorrel::sink
