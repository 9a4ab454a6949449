// Pipeline's last part: from an event to frames in the sinks.
#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "pipeline/pipeline.h"

namespace sorrel::agent {
namespace {

// Frames gather to this size before they are written: fewer system calls, still in cache.
constexpr std::size_t kWriteBytes = 192 * 1024;

constexpr std::uint64_t kMillisecond = 1'000'000;

// RFC 5424 6.2.1.
constexpr std::uint8_t kWarning = 4;

// Events of ours go into the first lane; until there are policies, all others are of the security
// lane.
buffer::FrameHeader header_of(const event::Event& event, const Hash128& uid, std::uint64_t bits,
                              std::size_t size, buffer::Format format) {
  buffer::FrameHeader header;
  header.event_uid[0] = uid[0];
  header.event_uid[1] = uid[1];
  header.time_ns = event.id.time_ms() * kMillisecond;
  header.partition_key = event.process;
  header.outputs = bits;
  header.size_bytes = static_cast<std::uint32_t>(size);
  header.format = format;
  const record::RecordType type = event.records().front().type;
  if (record::is_own(type)) [[unlikely]] {
    header.lane = buffer::Lane::first;
    if (type == record::type::kSorrelLoss) header.severity = kWarning;
  }
  return header;
}

std::uint64_t all_bits(const Output& output) {
  std::uint64_t bits = 0;
  for (const Wish& wish : output.wishes) bits |= wish.bit;
  return bits;
}

}  // namespace

void Pipeline::set_outputs(std::vector<Output> outputs) {
  outputs_ = std::move(outputs);
  wants_json_ = wants_raw_ = has_filters_ = false;
  for (const Output& output : outputs_) {
    // A sink that takes both formats (the buffer) must tell its outputs apart by their bits.
    has_filters_ =
        has_filters_ || std::count_if(outputs_.begin(), outputs_.end(), [&](const Output& other) {
                          return other.sink == output.sink;
                        }) > 1;
    (output.format == buffer::Format::json ? wants_json_ : wants_raw_) = true;
    for (const Wish& wish : output.wishes) has_filters_ = has_filters_ || wish.filter;
  }
}

std::uint64_t Pipeline::outputs_by_filter(const event::Event& event, buffer::Format format) const {
  std::uint64_t bits = 0;
  for (const Output& output : outputs_) {
    if (output.format != format) continue;
    for (const Wish& wish : output.wishes) {
      if (!wish.filter || wish.filter->wants(event)) bits |= wish.bit;
    }
  }
  return bits;
}

void Pipeline::put_out(event::Event& event) {
  event.end_annotations();
  const Hash128 uid = uids_.of(event);
  if (wants_json_) {
    if (const std::uint64_t bits = outputs_for(event, buffer::Format::json); bits != 0) {
      append_json(event, uid, bits);
    }
  }
  if (wants_raw_) {
    if (const std::uint64_t bits = outputs_for(event, buffer::Format::raw); bits != 0) {
      append_raw(event, uid, bits);
    }
  }
}

void Pipeline::append_json(const event::Event& event, const Hash128& uid, std::uint64_t bits) {
  char* out = json_batch_.reserve(json_->bound(event));
  const std::size_t size = json_->encode(event, uid, out);
  if (size == 0) return;
  json_batch_.append_frame(header_of(event, uid, bits, size, buffer::Format::json));
  if (json_batch_.bytes().size() >= kWriteBytes) write_batch(json_batch_, buffer::Format::json);
}

void Pipeline::append_raw(const event::Event& event, const Hash128& uid, std::uint64_t bits) {
  char* out = raw_batch_.reserve(raw_->bound(event));
  const std::size_t size = raw_->encode(event, out);
  if (size == 0) return;
  raw_batch_.append_frame(header_of(event, uid, bits, size, buffer::Format::raw));
  if (raw_batch_.bytes().size() >= kWriteBytes) write_batch(raw_batch_, buffer::Format::raw);
}

// Bytes that are no record are kept in an event of ours (JSON) or passed through (raw).
void Pipeline::on_unparsed(const record::Datagram& datagram) {
  const std::string_view bytes = datagram.line.data() != nullptr ? datagram.line : datagram.payload;
  if (wants_raw_) {
    char* out = raw_batch_.reserve(bytes.size() + 1);
    std::copy(bytes.begin(), bytes.end(), out);
    out[bytes.size()] = '\n';
    buffer::FrameHeader header;
    header.size_bytes = static_cast<std::uint32_t>(bytes.size() + 1);
    header.format = buffer::Format::raw;
    raw_batch_.append_frame(header);
    if (raw_batch_.bytes().size() >= kWriteBytes) write_batch(raw_batch_, buffer::Format::raw);
  }
  if (!wants_json_) return;
  const bool raw = std::exchange(wants_raw_, false);
  emit_own(record::type::kSorrelUnparsed, "line=" + encode_hex(bytes));
  wants_raw_ = raw;
}

void Pipeline::write_batch(buffer::FrameBatch& batch, buffer::Format format) {
  if (batch.empty()) return;
  (format == buffer::Format::json ? counters_.json_bytes : counters_.raw_bytes)
      .add(batch.bytes().size());
  for (const Output& output : outputs_) {
    if (output.format != format) continue;
    const buffer::FrameBatch& part = has_filters_ ? wanted_part(batch, output) : batch;
    if (part.empty()) continue;
    if (output.sink->write(part) == sink::Answer::fatal) sink_failed_ = true;
  }
  batch.clear();
}

// The frames of `batch` that the output wants: the batch itself when that is all of them. Valid
// until the next call.
const buffer::FrameBatch& Pipeline::wanted_part(const buffer::FrameBatch& batch,
                                                const Output& output) {
  const std::uint64_t bits = all_bits(output);
  const auto is_wanted = [bits](const buffer::FrameHeader& frame) {
    return (frame.outputs & bits) != 0;
  };
  if (std::all_of(batch.frames().begin(), batch.frames().end(), is_wanted)) return batch;
  part_.clear();
  const char* bytes = batch.bytes().data();
  for (const buffer::FrameHeader& frame : batch.frames()) {
    if (is_wanted(frame)) {
      std::copy_n(bytes, frame.size_bytes, part_.reserve(frame.size_bytes));
      part_.append_frame(frame);
    }
    bytes += frame.size_bytes;
  }
  return part_;
}

void Pipeline::write_out() {
  write_batch(json_batch_, buffer::Format::json);
  write_batch(raw_batch_, buffer::Format::raw);
}

}  // namespace sorrel::agent
