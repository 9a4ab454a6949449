#include "buffer/segment_scanner.h"

#include <algorithm>

namespace sorrel::buffer {
namespace {

constexpr std::size_t kWindowBytes = 1u << 20;

}  // namespace

std::optional<SegmentScanner::Found> SegmentScanner::next() {
  skipped_ = {offset_, offset_};
  auto found = find_block();
  skipped_.end = found ? found->payload_at - kBlockHeaderBytes : offset_;
  return found;
}

std::optional<SegmentScanner::Found> SegmentScanner::find_block() {
  char bytes[kBlockHeaderBytes];
  for (;;) {
    if (offset_ + kBlockHeaderBytes > bytes_) {
      if (offset_ < bytes_) ++damaged_places_;
      offset_ = std::max(offset_, bytes_);
      return std::nullopt;
    }
    const std::int64_t got = read(bytes, offset_);
    const bool is_read = got == static_cast<std::int64_t>(sizeof bytes);
    const auto header =
        is_read ? parse_block_header({bytes, sizeof bytes}) : std::optional<BlockHeader>{};
    if (header && offset_ + kBlockHeaderBytes + header->stored_bytes <= bytes_) {
      const Found found{*header, offset_ + kBlockHeaderBytes};
      offset_ = found.end_at();
      return found;
    }
    ++damaged_places_;
    ++offset_;
    if (!find_next()) {
      offset_ = bytes_;
      return std::nullopt;
    }
  }
}

std::int64_t SegmentScanner::read(std::span<char> into, std::uint64_t offset) {
  const std::int64_t got = read_all(*storage_, fd_, into, offset);
  has_error_ = has_error_ || got < 0;
  return got;
}

// Moves on to the next place that looks like a header.
bool SegmentScanner::find_next() {
  std::string window(kWindowBytes, '\0');
  while (offset_ + kBlockHeaderBytes <= bytes_) {
    const std::size_t size =
        static_cast<std::size_t>(std::min<std::uint64_t>(kWindowBytes, bytes_ - offset_));
    const std::int64_t got = read({window.data(), size}, offset_);
    if (got < static_cast<std::int64_t>(kBlockHeaderBytes)) return false;
    const std::string_view read(window.data(), static_cast<std::size_t>(got));
    if (const std::size_t at = find_block_header(read, 0); at != std::string_view::npos) {
      offset_ += at;
      return true;
    }
    // A header may begin in the last bytes.
    offset_ += read.size() - (kBlockHeaderBytes - 1);
    if (read.size() < size) return false;
  }
  return false;
}

bool SegmentScanner::read_payload(const Found& found, std::string& payload) {
  payload.resize(found.header.stored_bytes);
  const std::int64_t got = read(payload, found.payload_at);
  return got == static_cast<std::int64_t>(payload.size());
}

}  // namespace sorrel::buffer
