// Rubbish on auditd's socket, in its binary format: never more given or skipped than was sent.

#include <algorithm>

#include "input/frame_splitter.h"
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel;
  const fuzz::ChunkedInput input(data, size);
  input::CarryBuffer buffer(input.chunk_bytes, input::FrameSplitter::kMaxCarriedBytes);
  input::FrameSplitter splitter;
  input::Batch batch;
  std::size_t given = 0;
  for (std::size_t at = 0; at < input.bytes.size(); at += input.chunk_bytes) {
    const std::size_t count = std::min(input.chunk_bytes, input.bytes.size() - at);
    std::copy_n(input.bytes.data() + at, count, buffer.room().data());
    buffer.filled(count);
    do {
      batch.clear();
      splitter.split(buffer, batch);
      for (const auto& datagram : batch) given += datagram.payload.size();
    } while (!batch.empty());
  }
  SORREL_CHECK(given + splitter.skipped_bytes() + buffer.bytes().size() <= input.bytes.size(),
               "more came out than went in");
  return 0;
}
