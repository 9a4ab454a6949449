#include "input/open_source.h"

#include "input/archive_stream.h"
#include "input/audrec_source.h"
#include "input/detect.h"
#include "input/file_stream.h"
#include "input/text_source.h"

namespace sorrel::input {

Result<std::unique_ptr<FileSource>> open_source(const std::string& path, const ReadLimits& limits) {
  auto file = FileStream::open(path);
  if (!file) return Unexpected(std::move(file).error());
  return open_source(std::unique_ptr<ByteStream>(*std::move(file)), limits);
}

Result<std::unique_ptr<FileSource>> open_source(std::unique_ptr<ByteStream> stream,
                                                const ReadLimits& limits) {
  auto unpacked = decompress(std::move(stream), limits.chunk_bytes);
  if (!unpacked) return Unexpected(std::move(unpacked).error());
  auto content = detect_content(**unpacked);
  if (!content) return Unexpected(std::move(content).error());
  std::unique_ptr<FileSource> source;
  if (*content == Content::recording) {
    source = std::make_unique<AudrecSource>(*std::move(unpacked), limits);
  } else {
    source = std::make_unique<TextSource>(*std::move(unpacked), limits);
  }
  return source;
}

}  // namespace sorrel::input
