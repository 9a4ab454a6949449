#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "buffer/buffer.h"
#include "buffer/os_storage.h"
#include "catch.h"
#include "temp_folder.h"

namespace sorrel::buffer::test {

// A batch of one frame for each text.
inline FrameBatch batch_of(const std::vector<std::string>& texts, Lane lane = Lane::security,
                           std::uint64_t outputs = ~std::uint64_t{0}) {
  FrameBatch batch;
  for (const std::string& text : texts) {
    std::copy(text.begin(), text.end(), batch.reserve(text.size()));
    FrameHeader header;
    header.size_bytes = static_cast<std::uint32_t>(text.size());
    header.lane = lane;
    header.outputs = outputs;
    header.event_uid[0] = text.size();
    header.time_ns = 7;
    batch.append_frame(header);
  }
  return batch;
}

inline std::vector<std::string> texts_of(const FrameBatch& batch) {
  std::vector<std::string> texts;
  std::size_t offset = 0;
  for (const FrameHeader& frame : batch.frames()) {
    texts.emplace_back(batch.bytes().substr(offset, frame.size_bytes));
    offset += frame.size_bytes;
  }
  return texts;
}

// A buffer on a real disk, without its thread: commit() does what that would do in time.
class Disk {
 public:
  Disk() {
    options.path = folder.path() + "/buffer";
    options.min_free_bytes = 0;
    options.max_share_percent = 0;
    options.compression = 0;
  }
  Buffer& open(std::vector<OutputInfo> outputs = {{.name = "one"}}) {
    buffer.reset();
    auto opened = Buffer::open(storage, clock, options, outputs);
    REQUIRE(opened);
    buffer = *std::move(opened);
    return *buffer;
  }
  // As if the process had been killed: nothing is flushed before the test is over.
  void kill() { killed.push_back(std::move(buffer)); }
  void commit() {
    clock.advance_ms(2'000);
    buffer->run_once();
  }
  // The next frames of an output, up to a gap; the disk is read when it has to be.
  std::vector<std::string> read(std::size_t output = 0, Lane lane = Lane::security,
                                std::size_t max_bytes = 1 << 20) {
    gap = {};
    FrameBatch batch;
    Reader& reader = buffer->reader(output, lane);
    for (;;) {
      const Reader::Got got = reader.read(max_bytes, batch, gap);
      if (got == Reader::Got::behind) {
        reader.set_loaded(reader.next(), reader.load(reader.next()).block);
        ++loads;
        continue;
      }
      if (!batch.frames().empty()) first = batch.frames().front().sequence;
      return texts_of(batch);
    }
  }
  std::vector<std::string> segment_files(const std::string& lane = "security") const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(options.path + "/" + lane)) {
      if (entry.path().extension() == ".seg") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  ManualClock clock;
  OsStorage storage;
  sorrel::test::TempFolder folder;
  Options options;
  std::vector<std::unique_ptr<Buffer>> killed;
  std::unique_ptr<Buffer> buffer;
  Gap gap;
  std::uint64_t first = 0;
  int loads = 0;
};

}  // namespace sorrel::buffer::test
