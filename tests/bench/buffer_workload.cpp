#include "buffer_workload.h"

#include <cstring>
#include <fstream>

#include "common.h"

namespace sorrel::bench {

std::vector<buffer::FrameBatch> read_batches(const std::string& path) {
  std::ifstream file(path);
  std::vector<buffer::FrameBatch> batches(1);
  for (std::string line; std::getline(file, line);) {
    line += '\n';
    if (batches.back().frames().size() == kFramesOfCommit) batches.emplace_back();
    buffer::FrameHeader header;
    header.time_ns = 1'795'737'599'123'000'000;
    header.size_bytes = static_cast<std::uint32_t>(line.size());
    std::memcpy(batches.back().reserve(line.size()), line.data(), line.size());
    batches.back().append_frame(header);
  }
  if (batches.back().frames().size() != kFramesOfCommit) batches.pop_back();
  if (batches.empty()) give_up("too few lines in " + path);
  return batches;
}

buffer::Options bench_options(const std::string& path, buffer::Sync sync,
                              std::uint32_t compression) {
  buffer::Options options;
  options.path = path;
  options.commit_bytes = 64u << 20;
  options.compression = compression;
  options.max_bytes = options.max_share_percent = 0;
  options.min_free_bytes = 0;
  for (auto& lane : options.lanes) lane = {.commit_ms = 0, .sync = sync};
  return options;
}

void commit(buffer::Buffer& buffer, const buffer::FrameBatch& batch) {
  buffer.append(batch);
  buffer.run_once();
}

bool read_frames(buffer::Reader& reader, buffer::FrameBatch& out) {
  constexpr std::size_t kMaxBytes = 1u << 20;
  out.clear();
  buffer::Gap gap;
  for (;;) {
    switch (reader.read(kMaxBytes, out, gap)) {
      case buffer::Reader::Got::frames:
        return true;
      case buffer::Reader::Got::nothing:
        return false;
      case buffer::Reader::Got::gap:
        give_up("frames are missing");
      case buffer::Reader::Got::behind:
        reader.set_loaded(reader.next(), reader.load(reader.next()).block);
    }
  }
}

}  // namespace sorrel::bench
