#include "buffer/log_reader.h"

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "buffer/block_codec.h"

namespace sorrel::buffer {
namespace {

// From `end` on frames are in another segment: what is here is of before a power cut that took
// them, and their sequences were given again.
void cut_off(Block& block, std::uint64_t end) {
  std::size_t size = block.bytes.size();
  while (block.end() > end) {
    size -= block.frames.back().size_bytes;
    block.frames.pop_back();
  }
  block.bytes.resize(size);
}

}  // namespace

LogReader::Loaded LogReader::read(std::uint64_t sequence) {
  while (const auto segment = log_.find(sequence)) {
    const bool is_open = name_ == segment->name && position_ <= sequence;
    const Opened opened = is_open ? Opened::yes : open(*segment);
    std::shared_ptr<const Block> block;
    if (opened == Opened::yes) block = read_in(*segment, sequence);
    const bool has_failed = opened == Opened::unreadable || (scanner_ && scanner_->take_error());
    if (opened == Opened::refused || (has_failed && attempts_ < kMaxAttempts)) {
      if (has_failed) ++attempts_;
      name_.reset();
      return {.block = nullptr, .must_retry = true};
    }
    if (!has_failed) attempts_ = 0;
    if (block) return {.block = std::move(block)};
    // Removed under us, or nothing good is left in it.
    name_.reset();
    if (segment->end <= sequence) return {};
    sequence = segment->end;
  }
  return {};
}

LogReader::Opened LogReader::open(const SegmentView& segment) {
  name_.reset();
  scanner_.reset();
  cipher_.reset();
  Storage& storage = log_.storage();
  const int fd = storage.open(segment.path, Storage::Access::read);
  if (fd < 0) return fd == -ENOENT ? Opened::no : Opened::refused;
  file_ = StorageFile(storage, fd);
  std::string bytes(kSegmentHeaderBytes, '\0');
  const std::int64_t got = read_all(storage, file_.get(), bytes, 0);
  if (got < 0) return Opened::unreadable;
  bytes.resize(static_cast<std::size_t>(got));
  const auto header = parse_segment_header(bytes);
  const bool lacks_key = header && header->is_encrypted && log_.options().secret.empty();
  // Without its header an encrypted segment has no key; another one is read all the same.
  const bool is_readable =
      header ? !lacks_key
             : header.error().code != std::errc::not_supported && log_.options().secret.empty();
  if (!header && header.error().code != std::errc::not_supported) {
    set_aside(segment, 0, is_readable ? kSegmentHeaderBytes : segment.bytes,
              header.error().message);
  } else if (!is_readable) {
    log(Level::warning, "a segment of the buffer cannot be read, and is passed over",
        {{"segment", segment.path},
         {"error", lacks_key ? "it is encrypted, and there is no key" : header.error().message}});
  }
  if (!is_readable) return Opened::no;
  if (header && header->is_encrypted) cipher_.emplace(log_.options().secret, header->salt);
  name_ = segment.name;
  scanner_.emplace(storage, file_.get(), segment.bytes);
  position_ = 0;
  return Opened::yes;
}

std::shared_ptr<const Block> LogReader::read_in(const SegmentView& segment,
                                                std::uint64_t sequence) {
  scanner_->set_bytes(segment.bytes);
  for (;;) {
    const auto found = scanner_->next();
    if (const auto skipped = scanner_->skipped(); !skipped.empty()) {
      set_aside(segment, skipped.begin, skipped.end, "there is no block, or its header is damaged");
    }
    if (!found) return nullptr;
    const BlockHeader& header = found->header;
    // Behind `end` are copies of frames that another segment has.
    if (header.first_sequence >= segment.end) return nullptr;
    if (header.end_sequence() <= sequence || header.first_sequence < position_) continue;
    std::string payload;
    auto block = scanner_->read_payload(*found, payload)
                     ? decode_block(header, log_.options().lane, std::move(payload),
                                    cipher_ ? &*cipher_ : nullptr)
                     : fail(std::errc::io_error, "a block cannot be read whole");
    if (!block) {
      set_aside(segment, found->payload_at - kBlockHeaderBytes, found->end_at(),
                block.error().message);
      continue;
    }
    position_ = header.end_sequence();
    cut_off(*block, segment.end);
    if (block->end() <= sequence) continue;
    return std::make_shared<const Block>(*std::move(block));
  }
}

void LogReader::set_aside(const SegmentView& segment, std::uint64_t begin, std::uint64_t end,
                          const std::string& why) {
  // When the disk fails, another attempt may still read it.
  const bool has_failed = scanner_ && scanner_->has_error();
  if (has_failed && attempts_ < kMaxAttempts) return;
  log_.quarantine().add(segment.name, file_.get(), begin, end, why);
}

}  // namespace sorrel::buffer
