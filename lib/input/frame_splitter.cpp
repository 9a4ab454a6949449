#include "input/frame_splitter.h"

#include <algorithm>
#include <cstring>

#include "input/audrec_source.h"
#include "input/line_splitter.h"

namespace sorrel::input {
namespace {

constexpr std::uint32_t kFormattedVersion = 1;  // 0: the kernel's text as it is
constexpr std::size_t kMarkBytes = 6;           // "audit("

struct FrameHeader {
  std::uint32_t version;
  std::uint32_t header_bytes;
  std::uint32_t type;
  std::uint32_t data_bytes;

  bool credible() const noexcept {
    return version <= kFormattedVersion && header_bytes == FrameSplitter::kHeaderBytes &&
           type <= 0xffff && data_bytes <= FrameSplitter::kMaxDataBytes;
  }
};
static_assert(sizeof(FrameHeader) == FrameSplitter::kHeaderBytes);

FrameHeader load_header(std::string_view bytes) noexcept {
  FrameHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

enum class Look { frame, no_frame, too_short };

// Is there a frame at the front? The data of each begin as a record does: half a header, joined by
// what follows it, may look credible and claim thousands of bytes. Data that are too short for that
// are taken on trust, since they can swallow nothing.
Look look(std::string_view bytes) noexcept {
  if (bytes.size() < FrameSplitter::kHeaderBytes) return Look::too_short;
  const FrameHeader header = load_header(bytes);
  if (!header.credible()) return Look::no_frame;
  if (header.data_bytes < kMarkBytes) return Look::frame;
  const std::string_view data = bytes.substr(FrameSplitter::kHeaderBytes);
  if (data.size() < kMarkBytes) return Look::too_short;
  const bool record =
      data.starts_with("audit(") || data.starts_with("type=") || data.starts_with("node=");
  return record ? Look::frame : Look::no_frame;
}

}  // namespace

void FrameSplitter::reset() noexcept {
  framing_ = Framing::unknown;
  first_frame_taken_ = false;
  in_step_ = true;
  padding_bytes_ = 0;
}

// Returns whether the padding is all behind.
bool FrameSplitter::skip_padding(CarryBuffer& buffer) {
  const std::size_t skipped = std::min(padding_bytes_, buffer.bytes().size());
  buffer.consume(skipped);
  padding_bytes_ -= skipped;
  return padding_bytes_ == 0;
}

// After a frame whose framing is not known: is there a header where its data end? Returns false
// while too little is there to tell. padding_bytes_ holds what the frame would be padded with.
bool FrameSplitter::find_framing(std::string_view bytes) {
  if (padding_bytes_ == 0) return true;  // both framings look alike: the next frame will tell
  const Look next = look(bytes);
  if (next == Look::too_short) return false;
  framing_ = next == Look::frame ? Framing::exact : Framing::padded;
  if (framing_ == Framing::exact) padding_bytes_ = 0;
  return true;
}

void FrameSplitter::resync(CarryBuffer& buffer) {
  const std::string_view bytes = buffer.bytes();
  std::size_t skipped = 0;
  while (skipped + kHeaderBytes + kMarkBytes <= bytes.size() && !in_step_) {
    in_step_ = look(bytes.substr(skipped)) == Look::frame;
    if (!in_step_) ++skipped;
  }
  skipped_bytes_ += skipped;
  buffer.consume(skipped);
}

void FrameSplitter::take(std::string_view frame, Batch& batch) {
  const FrameHeader header = load_header(frame);
  const std::string_view text = trim_payload(frame.substr(kHeaderBytes));
  if (header.version == kFormattedVersion) {
    if (!text.empty()) batch.push_back(record::parse_line(text));
    return;
  }
  const auto type = static_cast<record::RecordType>(header.type);
  if (!record::is_event_type(type)) {
    ++skipped_records_;
    return;
  }
  record::Datagram datagram;
  datagram.type = type;
  datagram.payload = text;
  batch.push_back(datagram);
}

void FrameSplitter::split(CarryBuffer& buffer, Batch& batch) {
  while (batch.size() < kMaxBatch) {
    if (!in_step_) resync(buffer);
    if (!in_step_) return;
    if (framing_ == Framing::unknown && first_frame_taken_ && !find_framing(buffer.bytes())) return;
    if (framing_ == Framing::padded && !skip_padding(buffer)) return;
    const std::string_view bytes = buffer.bytes();
    const Look next = look(bytes);
    if (next == Look::too_short) return;
    if (next == Look::no_frame) {
      ++resyncs_;
      reset();  // what the framing was judged by may have been damaged too
      in_step_ = false;
      continue;
    }
    const FrameHeader header = load_header(bytes);
    const std::size_t whole = kHeaderBytes + header.data_bytes;
    if (bytes.size() < whole) return;
    take(bytes.substr(0, whole), batch);
    buffer.consume(whole);
    first_frame_taken_ = true;
    padding_bytes_ =
        framing_ == Framing::exact
            ? 0
            : kPaddedDataBytes - std::min<std::size_t>(kPaddedDataBytes, header.data_bytes);
  }
}

}  // namespace sorrel::input
