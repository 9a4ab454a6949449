#include "pipeline/event_filter.h"

#include <string>
#include <vector>

#include "catch.h"
#include "pipeline/pipeline.h"
#include "property/pipeline_run.h"

namespace sorrel::agent {
namespace {

using record::RecordType;
using test::CollectSink;

record::Datagram datagram(RecordType type, std::string_view payload) {
  record::Datagram made;
  made.type = type;
  made.payload = payload;
  return made;
}

Output filtered(sink::Sink& sink, std::uint64_t bit, std::vector<std::string> keys,
                std::vector<RecordType> types) {
  auto filter = std::make_shared<const EventFilter>(std::move(keys), std::move(types));
  return {.format = buffer::Format::json, .sink = &sink, .wishes = {{bit, std::move(filter)}}};
}

// Whether an output with this filter gets the event of one record.
bool passes(std::vector<std::string> keys, std::vector<RecordType> types, RecordType type,
            std::string_view body) {
  CollectSink sink;
  Pipeline pipeline({}, nullptr, {filtered(sink, 1, std::move(keys), std::move(types))});
  const std::string payload = "audit(1.000:1): " + std::string(body);
  pipeline.process({datagram(type, payload)});
  pipeline.finish();
  return !sink.text.empty();
}

}  // namespace

TEST_CASE("a filter of keys and types picks events", "[filter]") {
  using namespace record::type;
  constexpr RecordType kUserAuth = 1100;
  const struct {
    std::vector<std::string> keys;
    std::vector<RecordType> types;
    RecordType type;
    const char* body;
    bool passes;
  } rows[] = {
      {{}, {}, kSyscall, "syscall=1", true},
      {{"exec"}, {}, kSyscall, "syscall=59 key=\"exec\"", true},
      {{"exec"}, {}, kSyscall, "syscall=59 key=\"execve\"", false},
      {{"exec"}, {}, kSyscall, "syscall=59 key=(null)", false},
      {{"exec"}, {}, kSyscall, "syscall=59", false},
      // "a\x01exec", as the kernel writes two keys
      {{"exec"}, {}, kSyscall, "syscall=59 key=610165786563", true},
      {{"a"}, {}, kSyscall, "syscall=59 key=610165786563", true},
      {{"a\x01exec"}, {}, kSyscall, "syscall=59 key=610165786563", false},
      {{"x"}, {}, kSyscall, "syscall=59 key=610165786563", false},
      {{"exec"}, {}, kSyscall, "syscall=59 key=6", false},
      {{}, {kUserAuth}, kUserAuth, "pid=1 msg='op=PAM'", true},
      {{}, {kUserAuth}, kSyscall, "syscall=59", false},
      {{"exec"}, {kUserAuth}, kUserAuth, "pid=1 msg='op=PAM'", true},
      // What the agent says of itself always passes.
      {{"exec"}, {}, kSorrelLoss, "cause=ring", true},
      {{"exec"}, {}, kDaemonStart, "op=start", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body, row.keys);
    CHECK(passes(row.keys, row.types, row.type, row.body) == row.passes);
  }
}

TEST_CASE("a sink gets the frames that one of its outputs wants, each with the mask of all",
          "[filter]") {
  class MaskSink final : public sink::Sink {
   public:
    sink::Answer write(const buffer::FrameBatch& batch) override {
      for (const buffer::FrameHeader& frame : batch.frames()) masks.push_back(frame.outputs);
      return sink::Answer::acknowledged;
    }
    std::vector<std::uint64_t> masks;
  };
  MaskSink two_outputs;
  MaskSink one_output;
  Output both = filtered(two_outputs, 1, {"a"}, {});
  both.wishes.push_back({2, std::make_shared<const EventFilter>(std::vector<std::string>{"b"},
                                                                std::vector<RecordType>{})});
  Pipeline pipeline({}, nullptr, {both, filtered(one_output, 4, {"b"}, {})});
  pipeline.process({datagram(record::type::kKernel, "audit(1.000:1): key=\"a\""),
                    datagram(record::type::kKernel, "audit(1.000:2): key=\"b\""),
                    datagram(record::type::kKernel, "audit(1.000:3): key=\"c\"")});
  pipeline.finish();
  CHECK(two_outputs.masks == std::vector<std::uint64_t>{1, 6});
  CHECK(one_output.masks == std::vector<std::uint64_t>{6});
}

TEST_CASE("a sink that takes two formats can tell whose a frame is, also without filters",
          "[filter]") {
  class FormatSink final : public sink::Sink {
   public:
    sink::Answer write(const buffer::FrameBatch& batch) override {
      for (const buffer::FrameHeader& frame : batch.frames()) {
        frames.emplace_back(frame.format, frame.outputs);
      }
      return sink::Answer::acknowledged;
    }
    std::vector<std::pair<buffer::Format, std::uint64_t>> frames;
  };
  FormatSink sink;
  Output json{
      .format = buffer::Format::json, .sink = &sink, .wishes = {Wish{.bit = 1, .filter = nullptr}}};
  Output raw{
      .format = buffer::Format::raw, .sink = &sink, .wishes = {Wish{.bit = 2, .filter = nullptr}}};
  Pipeline pipeline({}, nullptr, {json, raw});
  pipeline.process({datagram(record::type::kKernel, "audit(1.000:1): key=\"a\"")});
  pipeline.finish();
  CHECK(sink.frames == std::vector<std::pair<buffer::Format, std::uint64_t>>{
                           {buffer::Format::json, 1}, {buffer::Format::raw, 2}});
}

}  // namespace sorrel::agent
