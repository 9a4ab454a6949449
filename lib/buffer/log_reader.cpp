#include "buffer/log_reader.h"

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "buffer/block_codec.h"

namespace sorrel::buffer {

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
  if (!header || lacks_key) {
    log(Level::warning, "a segment of the buffer cannot be read, and is passed over",
        {{"segment", segment.path},
         {"error", lacks_key ? "it is encrypted, and there is no key" : header.error().message}});
    counters_.damaged_blocks.add();
    return Opened::no;
  }
  if (header->is_encrypted) cipher_.emplace(log_.options().secret, header->salt);
  name_ = segment.name;
  scanner_.emplace(storage, file_.get(), segment.bytes);
  damaged_places_ = 0;
  position_ = 0;
  return Opened::yes;
}

std::shared_ptr<const Block> LogReader::read_in(const SegmentView& segment,
                                                std::uint64_t sequence) {
  scanner_->set_bytes(segment.bytes);
  while (const auto found = scanner_->next()) {
    count_damage();
    const BlockHeader& header = found->header;
    // Behind `end` are copies of frames that another segment has.
    if (header.first_sequence >= segment.end) break;
    if (header.end_sequence() <= sequence || header.first_sequence < position_) continue;
    std::string payload;
    if (!scanner_->read_payload(*found, payload)) {
      counters_.damaged_blocks.add();
      continue;
    }
    auto block = decode_block(header, log_.options().lane, std::move(payload),
                              cipher_ ? &*cipher_ : nullptr);
    if (!block) {
      log(Level::warning, "a block of the buffer cannot be read, and is passed over",
          {{"segment", segment.path}, {"error", block.error().message}});
      counters_.damaged_blocks.add();
      continue;
    }
    position_ = header.end_sequence();
    return std::make_shared<const Block>(*std::move(block));
  }
  count_damage();
  return nullptr;
}

void LogReader::count_damage() {
  const std::uint64_t now = scanner_->damaged_places();
  if (now == damaged_places_) return;
  counters_.damaged_blocks.add(now - damaged_places_);
  damaged_places_ = now;
}

}  // namespace sorrel::buffer
