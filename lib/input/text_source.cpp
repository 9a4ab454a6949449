#include "input/text_source.h"

namespace sorrel::input {

TextSource::TextSource(std::unique_ptr<ByteStream> stream, const ReadLimits& limits)
    : stream_(std::move(stream)),
      splitter_(limits.max_line_bytes),
      buffer_(limits.chunk_bytes, splitter_.max_carried_bytes()) {}

Result<ReadState> TextSource::read(Batch& batch) {
  batch.clear();
  batch.reserve(kMaxBatch);
  while (true) {
    splitter_.split(buffer_, batch, ended_);
    if (!batch.empty()) return ReadState::more;
    if (failed_) return Unexpected(*failed_);
    if (ended_) return ReadState::ended;
    auto got = stream_->read(buffer_.room());
    if (got) {
      buffer_.filled(*got);
      ended_ = *got == 0;
    } else {
      // The line that was begun goes out first: it is all that is left of that record.
      failed_ = std::move(got).error();
      ended_ = true;
    }
  }
}

FileCounts TextSource::counts() const noexcept {
  return {.cut_lines = splitter_.cut_lines(), .cut_bytes = splitter_.cut_bytes()};
}

}  // namespace sorrel::input
