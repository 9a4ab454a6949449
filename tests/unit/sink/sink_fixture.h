#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "buffer/frame.h"
#include "faulty_storage.h"
#include "sink/file_sink.h"
#include "temp_folder.h"

namespace sorrel::sink {

using sorrel::test::TempFolder;

inline std::string read_file(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

inline void add_frame(buffer::FrameBatch& batch, std::string_view text) {
  std::memcpy(batch.reserve(text.size()), text.data(), text.size());
  buffer::FrameHeader header;
  header.size_bytes = static_cast<std::uint32_t>(text.size());
  batch.append_frame(header);
}

inline buffer::FrameBatch make_batch(const std::vector<std::string>& frames) {
  buffer::FrameBatch batch;
  for (const std::string& frame : frames) add_frame(batch, frame);
  return batch;
}

// What a file sink stands on, with a file in a temporary folder.
struct SinkFixture {
  SinkFixture() {
    set_log_level(static_cast<Level>(9));  // outages are what is tested here: keep them quiet
    options.path = folder / "audit.log";
    clock.set_realtime_ns(SystemClock().realtime_ns());
    clock.advance_ms(10'000);
  }

  // The sink, which must open; the previous one is closed first.
  FileSink& open() {
    sink.reset();
    Result<std::unique_ptr<FileSink>> created = FileSink::create(options, storage, clock);
    SORREL_CHECK(created.has_value(), created.error().to_string().c_str());
    sink = std::move(*created);
    return *sink;
  }
  Answer write(const std::vector<std::string>& frames) { return sink->write(make_batch(frames)); }
  std::string text() const { return read_file(options.path); }
  std::string generation(unsigned number) const {
    return read_file(options.path + "." + std::to_string(number));
  }
  const FileStatistics& statistics() const { return sink->statistics(); }
  // A second passes.
  void tick() {
    clock.advance_ms(1000);
    sink->tick();
  }

  TempFolder folder;
  FaultyStorage storage;
  ManualClock clock;
  FileOptions options;
  std::unique_ptr<FileSink> sink;
};

}  // namespace sorrel::sink
