// A line of a file of refused events, which anybody may have edited.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "sink/base64.h"
#include "sink/dead_letter_file.h"
#include "sink/dead_letters.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::sink;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto decoded = decode_base64(bytes)) {
    SORREL_CHECK(encode_base64(*decoded) == bytes, "two texts for the same bytes");
  }
  const auto letter = read_dead_letter(bytes);
  if (!letter) return 0;
  const std::string line =
      dead_letter_line("an output", letter->header, letter->bytes, letter->reason);
  const auto same = read_dead_letter(line);
  SORREL_CHECK(same && same->bytes == letter->bytes, "a letter that is read differently");
  return 0;
}
