// Input that never behaves stays within a fixed bound of memory: events without their ends for
// ever, every second serial missing, endless lines, NULs, time that runs backwards.

#include <functional>
#include <memory>
#include <random>
#include <string>

#include "catch.h"
#include "property/counted_memory.h"
#include "property/mutate.h"
#include "property/pipeline_run.h"

namespace sorrel {
namespace {

constexpr std::size_t kMiB = 1u << 20;
constexpr std::size_t kStreamBytes = 24 * kMiB;
// Events in flight may hold 16 MiB (event::Options), and as much again in the fields that view
// them and in what is free; the rest is buffers of fixed size.
constexpr std::size_t kBound = 64 * kMiB;

// Makes a stream piece by piece, so that it is never in memory itself.
class GeneratedStream final : public input::ByteStream {
 public:
  explicit GeneratedStream(std::function<std::string(std::uint64_t)> make)
      : ByteStream("generated"), make_(std::move(make)) {}
  input::Progress progress() const noexcept override { return {given_, 0}; }

 protected:
  Result<std::size_t> read_some(std::span<char> out) override {
    while (pending_.size() < out.size() && given_ < kStreamBytes) {
      const std::string piece = make_(count_++);
      given_ += piece.size();
      pending_ += piece;
    }
    const std::size_t size = std::min(out.size(), pending_.size());
    pending_.copy(out.data(), size);
    pending_.erase(0, size);
    return size;
  }

 private:
  std::function<std::string(std::uint64_t)> make_;
  std::string pending_;
  std::uint64_t count_ = 0;
  std::uint64_t given_ = 0;
};

std::string record_line(const char* type, std::uint64_t second, std::uint64_t serial,
                        const std::string& body) {
  return std::string("type=") + type + " msg=audit(" + std::to_string(second) +
         ".000:" + std::to_string(serial) + "): " + body + '\n';
}

// The most that was live at once, above what was before.
std::size_t peak_of(std::function<std::string(std::uint64_t)> make, event::TimeBase time_base) {
  test::CollectSink json(false);
  test::CollectSink raw(false);
  agent::PipelineOptions options;
  options.time_base = time_base;
  const std::size_t before = test::counted_memory().live_bytes;
  test::reset_peak();
  {
    agent::Pipeline pipeline(options, nullptr,
                             {{buffer::Format::json, &json}, {buffer::Format::raw, &raw}});
    input::TextSource source(std::make_unique<GeneratedStream>(std::move(make)));
    input::Batch batch;
    test::pump(source, pipeline, batch);
    pipeline.finish();
  }
  CHECK(json.frames > 0);
  return test::counted_memory().peak_bytes - before;
}

const std::string kBody =
    "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=2 "
    "comm=\"cat\" exe=\"/usr/bin/cat\" key=(null)";

}  // namespace

TEST_CASE("events without an end stay within the bound", "[bound]") {
  for (const auto time_base : {event::TimeBase::live, event::TimeBase::stored}) {
    CHECK(peak_of([](std::uint64_t i) { return record_line("SYSCALL", 1, i, kBody); }, time_base) <
          kBound);
    // The first has its end, so that the stream is one that has them.
    CHECK(peak_of(
              [](std::uint64_t i) {
                return record_line(i == 0 ? "EOE" : "SYSCALL", 1, i, i == 0 ? "" : kBody);
              },
              time_base) < kBound);
    CHECK(peak_of([](std::uint64_t i) { return record_line("USER_LOGIN", 1, i, kBody); },
                  time_base) < kBound);
  }
}

TEST_CASE("one event that never ends stays within the bound", "[bound]") {
  CHECK(peak_of([](std::uint64_t) { return record_line("PATH", 1, 1, kBody); },
                event::TimeBase::live) < kBound);
  CHECK(peak_of([](std::uint64_t) { return record_line("EXECVE", 1, 1, std::string(7'000, 'x')); },
                event::TimeBase::live) < kBound);
}

TEST_CASE("every second serial missing stays within the bound", "[bound]") {
  test::CollectSink json(false);
  agent::PipelineOptions options;
  options.judge_holes = true;
  const std::size_t before = test::counted_memory().live_bytes;
  test::reset_peak();
  {
    agent::Pipeline pipeline(options, nullptr, {{buffer::Format::json, &json}});
    for (std::uint64_t i = 0; i < 100'000; ++i) {
      const std::uint64_t now = 1'000'000'000'000 + i * 20'000;
      const std::string stamp = "audit(1000.000:" + std::to_string(2 * i) + "): ";
      const std::string payload = stamp + kBody;
      record::Datagram datagram;
      datagram.received_ns = now;
      datagram.type = record::type::kSyscall;
      datagram.payload = payload;
      pipeline.set_time(now, now);
      pipeline.process({datagram});
      datagram.type = record::type::kEoe;
      datagram.payload = stamp;
      pipeline.process({datagram});
      pipeline.release_due();
    }
    pipeline.finish();
    CHECK(
        pipeline.counters().lost[static_cast<std::size_t>(event::LossCause::serial_hole)].value() ==
        99'999);
  }
  CHECK(test::counted_memory().peak_bytes - before < kBound);
}

TEST_CASE("lines of a megabyte stay within the bound", "[bound]") {
  CHECK(peak_of(
            [](std::uint64_t i) {
              return record_line("PATH", 1, i, "name=\"" + std::string(kMiB, 'x') + '"');
            },
            event::TimeBase::stored) < kBound);
  CHECK(peak_of([](std::uint64_t) { return std::string(kMiB, 'x') + '\n'; },
                event::TimeBase::stored) < kBound);
  // One line without an end.
  CHECK(peak_of(
            [](std::uint64_t i) {
              return i == 0 ? record_line("PATH", 1, 1, std::string(kMiB, 'y'))
                            : std::string(kMiB, 'x');
            },
            event::TimeBase::stored) < kBound);
  // As large as a line may be, each of an event of its own, and as many fields as it may have.
  CHECK(peak_of(
            [](std::uint64_t i) {
              std::string body;
              while (body.size() < 64'000) body += "a=1 ";
              return record_line("PATH", 1, i, body);
            },
            event::TimeBase::live) < kBound);
  CHECK(peak_of(
            [](std::uint64_t i) {
              return record_line("PATH", 1, i, "name=" + std::string(64'000, 'F'));
            },
            event::TimeBase::live) < kBound);
}

TEST_CASE("NULs and rubbish stay within the bound", "[bound]") {
  CHECK(peak_of([](std::uint64_t) { return std::string(4'096, '\0'); }, event::TimeBase::stored) <
        kBound);
  CHECK(peak_of([](std::uint64_t i) { return std::string(i % 4'000, '\0') + '\n'; },
                event::TimeBase::stored) < kBound);
  auto random = std::make_shared<std::mt19937>(7u);
  CHECK(peak_of(
            [random](std::uint64_t i) {
              return record_line("SYSCALL", i % 100, i % 3'000, test::random_fields(*random));
            },
            event::TimeBase::stored) < kBound);
}

TEST_CASE("time that runs backwards stays within the bound", "[bound]") {
  for (const auto time_base : {event::TimeBase::live, event::TimeBase::stored})
    CHECK(
        peak_of([](std::uint64_t i) { return record_line("SYSCALL", 2'000'000'000 - i, i, kBody); },
                time_base) < kBound);
}

TEST_CASE("memory is given back after a burst", "[bound]") {
  test::CollectSink json(false);
  agent::Pipeline pipeline({}, nullptr, {{buffer::Format::json, &json}});
  const std::size_t before = test::counted_memory().live_bytes;
  const std::string body = "name=\"" + std::string(8'000, 'x') + '"';
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const std::string line = record_line("PATH", 1, i, body);
    pipeline.process({record::parse_line(line)});
  }
  const std::size_t full = test::counted_memory().live_bytes - before;
  pipeline.finish();
  const std::size_t after = test::counted_memory().live_bytes - before;
  CHECK(full > 8'000'000);
  CHECK(after < full / 2);
}

}  // namespace sorrel
