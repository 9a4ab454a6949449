// Damaged recordings: every chunk size gives the same records and the same verdict.

#include "input/audrec_source.h"
#include "input/memory_stream.h"
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel;
  const fuzz::ChunkedInput input(data, size);
  const auto read = [&input](std::size_t chunk_bytes) {
    input::AudrecSource source(std::make_unique<input::MemoryStream>(input.bytes),
                               {.chunk_bytes = chunk_bytes});
    return fuzz::read_all(source);
  };
  const fuzz::Read in_pieces = read(input.chunk_bytes);
  const fuzz::Read at_once = read(input.bytes.size());
  SORREL_CHECK(in_pieces.records == at_once.records, "records depend on the chunk size");
  SORREL_CHECK(in_pieces.bytes == at_once.bytes, "payloads depend on the chunk size");
  SORREL_CHECK(in_pieces.failed == at_once.failed, "the verdict depends on the chunk size");
  return 0;
}
