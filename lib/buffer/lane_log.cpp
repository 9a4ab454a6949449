#include "buffer/lane_log.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace sorrel::buffer {

std::string LaneLog::path_of(const SegmentName& name) const {
  return options_.folder + '/' + segment_file_name(name);
}

void LaneLog::skip_to(std::uint64_t sequence) {
  if (sequence <= end_) return;
  SORREL_CHECK(unsynced_.empty(), "sequences are skipped before anything is appended");
  end_ = durable_end_ = sequence;
}

Status LaneLog::append(std::shared_ptr<const Block> block) {
  SORREL_CHECK(block->first >= end_, "frames are appended in order");
  const bool is_full = current_ && current_->bytes >= options_.segment_bytes;
  if (is_full || must_rewrite_) {
    // What is sealed is durable, so that only the last segment has to be looked at after a crash.
    if (const Status synced = sync(); !synced) return synced;
  }
  if (is_full) current_.reset();
  if (current_) {
    if (const Status cleared = clear_abandoned(); !cleared) return cleared;
  } else {
    auto made = make_segment(block->first);
    if (!made) return Unexpected<Error>(std::move(made).error());
    current_.emplace(*std::move(made));
    is_anchored_ = options_.sync == Sync::never;
    const std::lock_guard lock(mutex_);
    segments_.push_back({current_->name, current_->bytes});
  }
  if (const Status written = write_block(*current_, *block); !written) {
    give_up_current();
    return written;
  }
  end_ = block->end();
  publish();
  if (options_.sync == Sync::never) {
    durable_end_ = end_;
    return Ok{};
  }
  unsynced_bytes_ += block->bytes.size();
  unsynced_.push_back(std::move(block));
  return Ok{};
}

void LaneLog::publish() {
  const std::lock_guard lock(mutex_);
  segments_.back().bytes = current_->bytes;
  visible_end_ = end_;
}

Status LaneLog::write_block(Current& current, const Block& block) {
  // The number is used up even when the write fails: a part of it may be in the file.
  const BlockEncoder::Encoded encoded =
      encoder_.encode(block, current.next_number++, current.cipher ? &*current.cipher : nullptr);
  const int written =
      write_all(storage_, current.file.get(), encoded.head, encoded.tail, current.bytes);
  if (written < 0) return fail_errno(-written, "cannot write to " + path_of(current.name));
  current.bytes += encoded.size();
  return Ok{};
}

Result<LaneLog::Current> LaneLog::make_segment(std::uint64_t first) {
  SegmentHeader header;
  header.lane = static_cast<std::uint32_t>(options_.lane);
  header.is_encrypted = !options_.secret.empty();
  header.first_sequence = first;
  header.created_ns = clock_.realtime_ns();
  const auto salt = random_salt();
  if (!salt) return Unexpected<Error>(salt.error());
  header.salt = *salt;
  SegmentName name{first, 0};
  if (!segments_.empty() && segments_.back().name.first_sequence == first) {
    name.generation = segments_.back().name.generation + 1;
  }
  const std::string path = path_of(name);
  Current made;
  if (const int error = make_in(path, header, made.file); error < 0) {
    if (made.file) abandon(path);
    return fail_errno(-error, "cannot make the segment " + path);
  }
  made.name = name;
  made.bytes = kSegmentHeaderBytes;
  if (header.is_encrypted) made.cipher.emplace(options_.secret, header.salt);
  if (path == abandoned_) abandoned_.clear();
  return made;
}

// 0 or a negative errno; with a file that was made in vain.
int LaneLog::make_in(const std::string& path, const SegmentHeader& header, StorageFile& file) {
  int fd = storage_.open(path, Storage::Access::create);
  // A rest of an attempt before, whose removal failed.
  if (fd == -EEXIST && storage_.remove(path) == 0) {
    fd = storage_.open(path, Storage::Access::create);
  }
  if (fd < 0) return fd;
  file = StorageFile(storage_, fd);
  std::string bytes(kSegmentHeaderBytes, '\0');
  put_segment_header(header, bytes.data());
  const int error = write_all(storage_, fd, bytes, 0);
  if (error != 0 || options_.sync == Sync::never) return error;
  return storage_.sync_folder(options_.folder);
}

void LaneLog::abandon(const std::string& path) {
  storage_.remove(path);
  abandoned_ = path;
}

Status LaneLog::clear_abandoned() {
  if (abandoned_.empty()) return Ok{};
  int error = storage_.remove(abandoned_);
  if (error == -ENOENT) error = 0;
  if (error == 0 && options_.sync != Sync::never) error = storage_.sync_folder(options_.folder);
  if (error != 0) return fail_errno(-error, "cannot remove the segment " + abandoned_);
  abandoned_.clear();
  return Ok{};
}

// What was written before stays, and what of it is not durable yet is written once more. An empty
// segment is tried again: it may be all that tells the next start where the log ended.
void LaneLog::give_up_current() {
  // The rest of a block that was torn. When this fails, too, the checksums tell.
  storage_.truncate(current_->file.get(), current_->bytes);
  if (current_->bytes <= kSegmentHeaderBytes) return;
  counters_.poisoned.add();
  current_.reset();
  must_rewrite_ = !unsynced_.empty();
}

Status LaneLog::sync() {
  if (unsynced_.empty()) return Ok{};
  if (must_rewrite_) return rewrite_unsynced();
  const int error = storage_.sync_data(current_->file.get());
  if (error == 0) {
    set_durable();
    return Ok{};
  }
  log(Level::warning, "a segment could not be made durable; what it lacks is written again",
      {{"segment", path_of(current_->name)}, {"error", std::generic_category().message(-error)}});
  counters_.poisoned.add();
  current_.reset();
  must_rewrite_ = true;
  return rewrite_unsynced();
}

void LaneLog::set_durable() {
  durable_end_ = end_;
  unsynced_.clear();
  unsynced_bytes_ = 0;
  must_rewrite_ = false;
  is_anchored_ = true;
}

// Into a segment of its own. Until that is durable, readers have the old one.
Status LaneLog::rewrite_unsynced() {
  const std::uint64_t first = unsynced_.front()->first;
  auto made = make_segment(first);
  if (!made) return Unexpected<Error>(std::move(made).error());
  Current next = *std::move(made);
  Status written = Ok{};
  for (const auto& block : unsynced_) {
    written = write_block(next, *block);
    if (!written) break;
  }
  if (written) {
    const int error = storage_.sync_data(next.file.get());
    if (error != 0) written = fail_errno(-error, "cannot make " + path_of(next.name) + " durable");
  }
  if (!written) {
    storage_.remove(path_of(next.name));
    return written;
  }
  std::vector<SegmentName> replaced;
  {
    const std::lock_guard lock(mutex_);
    while (!segments_.empty() && segments_.back().name.first_sequence >= first) {
      replaced.push_back(segments_.back().name);
      segments_.pop_back();
    }
    segments_.push_back({next.name, next.bytes});
  }
  current_.emplace(std::move(next));
  set_durable();
  for (const SegmentName& name : replaced) storage_.remove(path_of(name));
  return Ok{};
}

void LaneLog::remove_file(SegmentName name) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(segments_, [&](const Segment& segment) { return segment.name == name; });
  }
  storage_.remove(path_of(name));
}

void LaneLog::remove_before(std::uint64_t sequence) {
  if (!is_anchored_) return;
  while (segments_.size() > 1 && end_of(0) <= sequence) remove_file(segments_.front().name);
}

bool LaneLog::drop_oldest() {
  if (segments_.empty() || (!is_anchored_ && !sync())) return false;
  const std::uint64_t first = segments_.front().name.first_sequence;
  const std::uint64_t end = end_of(0);
  if (segments_.size() == 1 && !replace_last()) return false;
  counters_.dropped_frames.add(end > first ? end - first : 0);
  counters_.dropped_segments.add();
  remove_file(segments_.front().name);
  return true;
}

// An empty one behind the only segment tells the next start where the log ended. False: the only
// one is empty, or the disk takes no other.
bool LaneLog::replace_last() {
  if (segments_.front().bytes <= kSegmentHeaderBytes) return false;
  auto made = make_segment(end_);
  if (!made) return false;
  if (options_.sync != Sync::never && storage_.sync_data(made->file.get()) != 0) {
    abandon(path_of(made->name));
    return false;
  }
  current_.emplace(*std::move(made));
  set_durable();
  const std::lock_guard lock(mutex_);
  segments_.push_back({current_->name, current_->bytes});
  return true;
}

std::uint64_t LaneLog::end_of(std::size_t index) const {
  return index + 1 < segments_.size() ? segments_[index + 1].name.first_sequence : visible_end_;
}

std::optional<SegmentView> LaneLog::find(std::uint64_t sequence) const {
  const std::lock_guard lock(mutex_);
  if (sequence >= visible_end_) return std::nullopt;
  // The last segment that begins at or before it; the first of all when none does.
  auto after = std::upper_bound(
      segments_.begin(), segments_.end(), sequence,
      [](std::uint64_t s, const Segment& segment) { return s < segment.name.first_sequence; });
  if (after != segments_.begin()) --after;
  for (; after != segments_.end(); ++after) {
    const auto index = static_cast<std::size_t>(after - segments_.begin());
    const std::uint64_t end = end_of(index);
    if (end > sequence) return SegmentView{after->name, path_of(after->name), end, after->bytes};
  }
  return std::nullopt;
}

std::vector<SegmentView> LaneLog::segments() const {
  const std::lock_guard lock(mutex_);
  std::vector<SegmentView> views;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    views.push_back({segments_[i].name, path_of(segments_[i].name), end_of(i), segments_[i].bytes});
  }
  return views;
}

std::uint64_t LaneLog::bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const Segment& segment : segments_) sum += segment.bytes;
  return sum;
}

std::uint64_t LaneLog::first_sequence() const {
  const std::lock_guard lock(mutex_);
  return segments_.empty() ? visible_end_ : segments_.front().name.first_sequence;
}

}  // namespace sorrel::buffer
