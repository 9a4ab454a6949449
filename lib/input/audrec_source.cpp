#include "input/audrec_source.h"

#include <string>

#include "input/line_splitter.h"

namespace sorrel::input {

std::string_view trim_payload(std::string_view payload) noexcept {
  while (!payload.empty() && (payload.back() == '\0' || payload.back() == '\n')) {
    payload.remove_suffix(1);
  }
  return payload;
}

AudrecSource::AudrecSource(std::unique_ptr<ByteStream> stream, const ReadLimits& limits)
    : stream_(std::move(stream)),
      buffer_(limits.chunk_bytes, kAudrecHeaderBytes + kMaxAudrecPayloadBytes) {}

void AudrecSource::fail_at_offset(std::string_view what) {
  failed_ =
      Error{std::make_error_code(std::errc::bad_message),
            stream_->name() + ": offset " + std::to_string(offset_) + ": " + std::string(what)};
}

void AudrecSource::take_magic() {
  const std::string_view bytes = buffer_.bytes();
  if (bytes.size() >= kAudrecMagic.size()) {
    if (bytes.starts_with(kAudrecMagic)) {
      has_magic_ = true;
      buffer_.consume(kAudrecMagic.size());
      offset_ += kAudrecMagic.size();
    } else if (bytes.starts_with(kAudrecFamily)) {
      fail_at_offset("a recording of a newer version than AUDREC1; read it with a newer sorrel");
    } else {
      fail_at_offset("not a recording: it does not begin with AUDREC1; read it as text");
    }
  } else if (ended_) {
    fail_at_offset("shorter than the first line of a recording; record it again");
  }
}

void AudrecSource::take(const AudrecHeader& header, std::string_view payload, Batch& batch) {
  if (!record::is_event_type(header.type)) {
    ++skipped_records_;
    return;
  }
  batch.push_back({.type = header.type,
                   .payload = trim_payload(payload),
                   .line = {},
                   .node = {},
                   .type_name = {},
                   .received_ns = header.received_ns});
}

void AudrecSource::take_records(Batch& batch) {
  while (batch.size() < kMaxBatch) {
    const std::string_view bytes = buffer_.bytes();
    if (bytes.size() < kAudrecHeaderBytes) break;
    const AudrecHeader header = load_audrec_header(bytes.data());
    if (header.payload_bytes > kMaxAudrecPayloadBytes) {
      fail_at_offset("a record of " + std::to_string(header.payload_bytes) +
                     " bytes, which no kernel sends; the recording is damaged here, all before it "
                     "was read");
      buffer_.clear();
      return;
    }
    const std::size_t whole = kAudrecHeaderBytes + header.payload_bytes;
    if (bytes.size() < whole) break;
    take(header, bytes.substr(kAudrecHeaderBytes, header.payload_bytes), batch);
    buffer_.consume(whole);
    offset_ += whole;
  }
  if (ended_ && batch.size() < kMaxBatch && !buffer_.bytes().empty() && !failed_) {
    fail_at_offset("the recording ends inside a record (" + std::to_string(buffer_.bytes().size()) +
                   " bytes of it are there); it was cut while it was written or copied, all before "
                   "it was read");
    buffer_.clear();
  }
}

Result<ReadState> AudrecSource::read(Batch& batch) {
  batch.clear();
  batch.reserve(kMaxBatch);
  while (true) {
    if (!has_magic_ && !failed_) take_magic();
    if (has_magic_) take_records(batch);
    if (!batch.empty()) return ReadState::more;
    if (failed_) return Unexpected(*failed_);
    if (ended_) return ReadState::ended;
    auto got = stream_->read(buffer_.room());
    if (got) {
      buffer_.filled(*got);
      ended_ = *got == 0;
    } else {
      // A record that was begun cannot be told from rubbish: only whole ones are given.
      failed_ = std::move(got).error();
      buffer_.clear();
    }
  }
}

}  // namespace sorrel::input
