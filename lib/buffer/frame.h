#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace sorrel::buffer {

// Which encoder wrote a frame's bytes.
enum class Format : std::uint8_t { json, raw };

// How soon a frame must reach its collectors; sinks and quotas serve lower numbers first.
enum class Lane : std::uint8_t { first, security, bulk };

// What is known of a frame without looking into its bytes: one cache line, copied as it is. The
// on-disk header of a segment's blocks is another thing; this one never leaves the process.
struct FrameHeader {
  std::uint64_t sequence = 0;           // in its lane, from 1, dense; set by the buffer
  std::uint64_t event_uid[2] = {0, 0};  // EVENT_UID: equal for the same event everywhere
  std::uint64_t time_ns = 0;            // the event's own stamp, since the epoch
  std::uint64_t partition_key = 0;      // frames of one key keep their order (process or host)
  std::uint64_t outputs = ~std::uint64_t{0};  // bit n: the output n of the configuration wants it
  std::uint32_t size_bytes = 0;               // of the encoded bytes, the final newline included
  Format format = Format::json;
  Lane lane = Lane::security;
  std::uint8_t severity = 6;  // RFC 5424 6.2.1: 0 emergency .. 7 debug
  std::uint8_t reserved = 0;
};
static_assert(sizeof(FrameHeader) == 56);

// Frames in the order of their events, their bytes in one contiguous block, so that a sink that
// wants them all writes them with one call. Reused from batch to batch: clear() keeps the memory,
// up to a limit.
class FrameBatch {
 public:
  // The writable end of the block: at least `size` bytes, their content undefined. Invalidates all
  // views of this batch. append_frame() then takes the first header.size_bytes of it.
  char* reserve(std::size_t size) {
    if (capacity_ - used_ < size) grow(size);
    return bytes_.get() + used_;
  }
  void append_frame(const FrameHeader& header) {
    frames_.push_back(header);
    used_ += header.size_bytes;
  }
  void clear() noexcept {
    frames_.clear();
    used_ = 0;
    if (capacity_ > kKeptBytes) {
      bytes_.reset();
      capacity_ = 0;
    }
  }

  bool empty() const noexcept { return frames_.empty(); }
  const std::vector<FrameHeader>& frames() const noexcept { return frames_; }
  // All frames' bytes, one after the other. Valid until the batch changes.
  std::string_view bytes() const noexcept { return {bytes_.get(), used_}; }

 private:
  static constexpr std::size_t kKeptBytes = 2u << 20;

  void grow(std::size_t size) {
    const std::size_t capacity = used_ + size + used_ / 2;
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (used_ != 0) std::memcpy(bytes.get(), bytes_.get(), used_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::vector<FrameHeader> frames_;
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
};

}  // namespace sorrel::buffer
