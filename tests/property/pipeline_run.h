#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "input/memory_stream.h"
#include "input/text_source.h"
#include "pipeline/pipeline.h"

namespace sorrel::test {

// Keeps what it is given, or only counts it.
class CollectSink final : public sink::Sink {
 public:
  explicit CollectSink(bool keep = true) : keep_(keep) {}
  sink::Answer write(const buffer::FrameBatch& batch) override {
    std::size_t size = 0;
    for (const buffer::FrameHeader& frame : batch.frames()) size += frame.size_bytes;
    // The frames are the bytes, no more and no less.
    if (size != batch.bytes().size()) return sink::Answer::fatal;
    frames += batch.frames().size();
    bytes += size;
    largest = std::max(largest, size);
    ++writes;
    if (keep_) text += batch.bytes();
    return answer;
  }

  std::string text;
  std::size_t frames = 0;
  std::size_t bytes = 0;
  std::size_t largest = 0;
  std::size_t writes = 0;
  sink::Answer answer = sink::Answer::acknowledged;

 private:
  const bool keep_;
};

inline agent::PipelineOptions stored_options() {
  agent::PipelineOptions options;
  options.time_base = event::TimeBase::stored;
  options.host_id = "0123456789abcdef0123456789abcdef";
  options.boot_id = "boot";
  return options;
}

// Reads a source to its end through a pipeline.
inline void pump(input::Source& source, agent::Pipeline& pipeline, input::Batch& batch) {
  for (;;) {
    const auto state = source.read(batch);
    pipeline.process(batch);
    if (!state || *state == input::ReadState::ended) return;
  }
}

// What a log's bytes become in one format.
inline std::string decode(std::string text, buffer::Format format,
                          const agent::PipelineOptions& options = stored_options(),
                          const input::ReadLimits& limits = {}) {
  CollectSink sink;
  agent::Pipeline pipeline(options, nullptr, {{format, &sink}});
  input::TextSource source(std::make_unique<input::MemoryStream>(std::move(text)), limits);
  input::Batch batch;
  pump(source, pipeline, batch);
  pipeline.finish();
  return std::move(sink.text);
}

// Lines with their newlines (the last may lack it).
inline std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size = end == text.npos ? text.size() : end + 1;
    lines.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

}  // namespace sorrel::test
