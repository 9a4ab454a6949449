#pragma once

#include <memory>
#include <optional>

#include "input/file_source.h"
#include "input/line_splitter.h"

namespace sorrel::input {

// auditd's text, raw or enriched, from a stream of bytes. The datagrams view its buffer: nothing
// is copied but a line's beginning at the end of a chunk, and nothing allocated once warm.
class TextSource final : public FileSource {
 public:
  explicit TextSource(std::unique_ptr<ByteStream> stream, const ReadLimits& limits = {});

  // Errors: those of the stream, after everything that it gave before.
  Result<ReadState> read(Batch& batch) override;

  Progress progress() const noexcept override { return stream_->progress(); }
  FileCounts counts() const noexcept override;
  bool has_every_serial() const noexcept override { return false; }

 private:
  std::unique_ptr<ByteStream> stream_;
  LineSplitter splitter_;
  CarryBuffer buffer_;
  bool ended_ = false;
  std::optional<Error> failed_;
};

}  // namespace sorrel::input
