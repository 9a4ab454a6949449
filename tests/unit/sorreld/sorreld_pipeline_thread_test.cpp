#include <string>
#include <thread>

#include "catch.h"
#include "sorreld/pipeline_thread.h"
#include "sorreld/ring_entry.h"
#include "support.h"

namespace sorrel::agent {
namespace {

class TextSink final : public sink::Sink {
 public:
  sink::Answer write(const buffer::FrameBatch& batch) override {
    text += batch.bytes();
    return answer;
  }
  std::string text;
  sink::Answer answer = sink::Answer::acknowledged;
};

struct Fixture {
  Fixture() {
    auto made = Channel::create(64 * 1024);
    REQUIRE(made);
    channel = *std::move(made);
  }
  PipelineHooks hooks() {
    return {.tick = [this](Pipeline&, std::uint64_t) { ++ticks; },
            .input_ended = [this] { ++ends; },
            .sink_failed = [this] { ++failures; }};
  }
  void put(record::RecordType type, std::string_view payload) {
    record::Datagram datagram;
    datagram.type = type;
    datagram.payload = payload;
    const std::span<std::byte> entry = channel->ring().reserve(entry_bound(datagram));
    REQUIRE(!entry.empty());
    channel->ring().push(write_entry(datagram, entry));
    channel->ring().publish();
  }

  SystemClock clock;
  TextSink sink;
  Pipeline pipeline{{}, nullptr, {{buffer::Format::raw, &sink}}};
  std::unique_ptr<Channel> channel;
  int ticks = 0;
  int ends = 0;
  int failures = 0;
};

}  // namespace

TEST_CASE("all that is in the ring is out when the thread ends", "[sorreld][pipeline]") {
  Fixture f;
  PipelineThread thread(f.pipeline, *f.channel, f.clock, nullptr, f.hooks());
  f.put(1300, "audit(1.000:1): arch=c000003e");
  f.put(1320, "audit(1.000:1): ");
  f.put(1300, "audit(1.000:2): arch=c000003e");  // without its end
  f.channel->close();
  thread.finish();
  thread.run();
  CHECK(f.sink.text ==
        "type=SYSCALL msg=audit(1.000:1): arch=c000003e\n"
        "type=SYSCALL msg=audit(1.000:2): arch=c000003e\n");
  CHECK(f.ends == 1);
  CHECK(f.ticks >= 1);
  CHECK(f.failures == 0);
}

TEST_CASE("a record wakes the thread, and is written without waiting for more",
          "[sorreld][pipeline]") {
  Fixture f;
  PipelineThread thread(f.pipeline, *f.channel, f.clock, nullptr, f.hooks());
  std::thread runner([&] { thread.run(); });
  f.put(1300, "audit(1.000:1): arch=c000003e");
  f.put(1320, "audit(1.000:1): ");
  f.channel->reader().notify();
  // Commands are carried out after the batch that was there before them.
  std::string seen;
  std::atomic<bool> done{false};
  while (seen.empty()) {
    done = false;
    REQUIRE(thread.post([&](Pipeline&) {
      seen = f.sink.text;
      done = true;
    }));
    while (!done) std::this_thread::yield();
  }
  CHECK(seen == "type=SYSCALL msg=audit(1.000:1): arch=c000003e\n");
  f.channel->close();
  thread.finish();
  runner.join();
  CHECK(f.ends == 1);
}

TEST_CASE("commands have a limit while the thread is stuck", "[sorreld][pipeline]") {
  Fixture f;
  PipelineThread thread(f.pipeline, *f.channel, f.clock, nullptr, f.hooks());
  std::size_t taken = 0;
  std::size_t done = 0;
  while (thread.post([&](Pipeline&) { ++done; })) ++taken;
  CHECK(taken == PipelineThread::kMaxCommands);
  f.channel->close();
  thread.finish();
  thread.run();
  CHECK(done == taken);
}

TEST_CASE("an output that has failed for good is told once", "[sorreld][pipeline]") {
  Fixture f;
  f.sink.answer = sink::Answer::fatal;
  PipelineThread thread(f.pipeline, *f.channel, f.clock, nullptr, f.hooks());
  f.put(1300, "audit(1.000:1): arch=c000003e");
  f.put(1320, "audit(1.000:1): ");
  f.channel->close();
  thread.finish();
  thread.run();
  CHECK(f.failures == 1);
}

TEST_CASE("the last serial is saved when the ring is empty", "[sorreld][pipeline]") {
  const test::TempFolder folder;
  auto file = StateFile::open(folder.path("state"));
  REQUIRE(file);
  StateWriter writer(*file, "boot");
  TextSink sink;
  PipelineOptions options;
  options.judge_holes = true;
  Pipeline pipeline(options, nullptr, {{buffer::Format::raw, &sink}});
  Fixture f;
  PipelineThread thread(pipeline, *f.channel, f.clock, &writer, f.hooks());
  f.put(1300, "audit(1.000:41): arch=c000003e");
  f.put(1320, "audit(1.000:41): ");
  f.channel->close();
  thread.finish();
  thread.run();
  const auto saved = parse_saved_state(test::read_file(folder.path("state")));
  REQUIRE(saved);
  CHECK(saved->last_serial == 41);
  CHECK(saved->boot_id == "boot");
}

}  // namespace sorrel::agent
