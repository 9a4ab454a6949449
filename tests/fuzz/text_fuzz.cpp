// Text that is no text: no byte of a line is lost without being counted.

#include <algorithm>

#include "input/memory_stream.h"
#include "input/text_source.h"
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel;
  constexpr std::size_t kMaxLine = 200;
  fuzz::ChunkedInput input(data, size);
  const auto newlines =
      static_cast<std::size_t>(std::count(input.bytes.begin(), input.bytes.end(), '\n'));
  const auto returns =
      static_cast<std::size_t>(std::count(input.bytes.begin(), input.bytes.end(), '\r'));
  const std::size_t total = input.bytes.size();
  input::TextSource source(std::make_unique<input::MemoryStream>(std::move(input.bytes)),
                           {.chunk_bytes = input.chunk_bytes, .max_line_bytes = kMaxLine});
  const fuzz::Read read = fuzz::read_all(source);
  const std::size_t accounted = read.bytes + newlines + source.counts().cut_bytes;
  SORREL_CHECK(!read.failed, "memory that cannot be read");
  SORREL_CHECK(accounted <= total && total <= accounted + returns, "bytes that nobody counted");
  return 0;
}
