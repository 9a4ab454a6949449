#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "input/audrec_format.h"
#include "input/carry_buffer.h"
#include "input/file_source.h"

namespace sorrel::input {

// The datagrams of a recording, as the kernel sent them. Types that are no events (replies,
// acknowledgements, AUDIT_REPLACE) are skipped and counted.
class AudrecSource final : public FileSource {
 public:
  // `stream` begins with kAudrecMagic; read() errors otherwise.
  explicit AudrecSource(std::unique_ptr<ByteStream> stream, const ReadLimits& limits = {});

  // Errors: those of the stream, and a recording that is damaged or ends inside a record, with the
  // (unpacked) offset; after everything that came before.
  Result<ReadState> read(Batch& batch) override;

  Progress progress() const noexcept override { return stream_->progress(); }
  FileCounts counts() const noexcept override { return {.skipped_records = skipped_records_}; }
  bool has_every_serial() const noexcept override { return true; }

 private:
  void take_magic();
  void take_records(Batch& batch);
  void take(const AudrecHeader& header, std::string_view payload, Batch& batch);
  void fail_at_offset(std::string_view what);

  std::unique_ptr<ByteStream> stream_;
  CarryBuffer buffer_;
  bool has_magic_ = false;
  bool ended_ = false;
  std::uint64_t offset_ = 0;  // of the buffer's front, in the unpacked recording
  std::uint64_t skipped_records_ = 0;
  std::optional<Error> failed_;
};

// The payload without the NULs and newlines at its end, which some senders add.
std::string_view trim_payload(std::string_view payload) noexcept;

}  // namespace sorrel::input
