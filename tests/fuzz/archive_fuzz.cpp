// Damaged archives of any packing, and what is in them, by the way that a file goes.

#include "input/memory_stream.h"
#include "input/open_source.h"
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel;
  fuzz::ChunkedInput input(data, size);
  auto source = input::open_source(
      std::make_unique<input::MemoryStream>(std::move(input.bytes), input.chunk_bytes),
      {.chunk_bytes = input.chunk_bytes, .max_line_bytes = 1000});
  if (source) fuzz::read_all(**source);
  return 0;
}
