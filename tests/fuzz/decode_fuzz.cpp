// The bytes of a text file through the whole pipeline: each line that comes out is strict JSON, and
// the raw format gives the file's lines back.

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "property/pipeline_run.h"
#include "property/strict_json.h"
#include "source_fuzz.h"

namespace {

using namespace sorrel;

std::vector<std::string> sorted_lines(std::string text) {
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  std::vector<std::string> lines = test::split_lines(text);
  std::erase(lines, "\n");
  std::erase(lines, "\r\n");
  std::sort(lines.begin(), lines.end());
  return lines;
}

// The keys that we add have names in capitals, which no kernel and no program gives to its own; a
// forged log may do it, and then has a key twice.
bool may_repeat_keys(const std::string& text) {
  for (std::size_t i = 1; i < text.size(); ++i)
    if (text[i] == '=' && text[i - 1] >= 'A' && text[i - 1] <= 'Z') return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::ChunkedInput input(data, size);
  agent::PipelineOptions options = test::stored_options();
  if (input.chunk_bytes % 2 == 0) options.encode.prefix = "e_";
  options.encode.argv_string = input.chunk_bytes % 3 == 0;
  const bool repeats = may_repeat_keys(input.bytes);
  const std::string json =
      test::decode(input.bytes, buffer::Format::json, options, {.chunk_bytes = input.chunk_bytes});
  for (const std::string& line : test::split_lines(json)) {
    const std::string fault = test::StrictJson::fault(line, repeats);
    if (!fault.empty()) std::fprintf(stderr, "%s\n%s", fault.c_str(), line.c_str());
    SORREL_CHECK(fault.empty(), "a line that is not strict JSON");
  }
  const std::string raw =
      test::decode(input.bytes, buffer::Format::raw, options, {.chunk_bytes = input.chunk_bytes});
  SORREL_CHECK(sorted_lines(raw) == sorted_lines(input.bytes), "raw does not give the lines back");
  return 0;
}
