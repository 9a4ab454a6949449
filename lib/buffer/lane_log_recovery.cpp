// LaneLog at its start: what a crash left is put in order, without a look at more than the last
// segment.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "buffer/lane_log.h"
#include "buffer/segment_scanner.h"

namespace sorrel::buffer {

Result<std::unique_ptr<LaneLog>> LaneLog::open(Storage& storage, const Clock& clock,
                                               const LaneLogOptions& options) {
  if (const int made = storage.make_folder(options.folder); made < 0) {
    return fail_errno(-made, "cannot use the folder " + options.folder +
                                 ": it must be a folder of ours, and no symbolic link");
  }
  std::unique_ptr<LaneLog> opened(new LaneLog(storage, clock, options));
  if (const Status loaded = opened->load(); !loaded) return Unexpected<Error>(loaded.error());
  return opened;
}

Status LaneLog::load() {
  std::vector<std::string> names;
  if (const int listed = storage_.list(options_.folder, names); listed < 0) {
    return fail_errno(-listed, "cannot list the folder " + options_.folder);
  }
  std::vector<SegmentName> found;
  for (const std::string& name : names) {
    if (const auto parsed = parse_segment_name(name)) found.push_back(*parsed);
  }
  std::sort(found.begin(), found.end());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool is_replaced =
        i + 1 < found.size() && found[i + 1].first_sequence == found[i].first_sequence;
    // The one that replaced it may have been torn: kept until that is known.
    if (is_replaced && i + 2 < found.size()) {
      storage_.remove(path_of(found[i]));
      continue;
    }
    segments_.push_back({found[i], 0});
  }
  for (Segment& segment : segments_) {
    const StorageFile file(storage_, storage_.open(path_of(segment.name), Storage::Access::read));
    const std::int64_t size = file ? storage_.size(file.get()) : -EIO;
    segment.bytes = size < 0 ? 0 : static_cast<std::uint64_t>(size);
  }
  while (!segments_.empty()) {
    const auto stays = recover_last();
    if (!stays) return Unexpected<Error>(stays.error());
    if (*stays) break;
    remove_file(segments_.back().name);
  }
  const std::size_t count = segments_.size();
  if (count > 1 &&
      segments_[count - 2].name.first_sequence == segments_[count - 1].name.first_sequence) {
    remove_file(segments_[count - 2].name);
  }
  durable_end_ = visible_end_ = end_;
  return Ok{};
}

// A file without a header is one that was made just before the crash: nothing in it was durable.
Result<bool> LaneLog::is_segment_of_ours(const std::string& path, int fd) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  const std::int64_t got = read_all(storage_, fd, bytes, 0);
  if (got < 0) return fail_errno(static_cast<int>(-got), "cannot read the segment " + path);
  bytes.resize(static_cast<std::size_t>(got));
  const auto header = parse_segment_header(bytes);
  if (header) return true;
  if (header.error().code == std::errc::not_supported) {
    return fail(std::errc::not_supported, path + ": " + header.error().message);
  }
  return false;
}

Result<bool> LaneLog::recover_last() {
  Segment& segment = segments_.back();
  const std::string path = path_of(segment.name);
  const int fd = storage_.open(path, Storage::Access::write);
  if (fd < 0) return fail_errno(-fd, "cannot open the segment " + path);
  const StorageFile file(storage_, fd);
  const auto is_ours = is_segment_of_ours(path, fd);
  if (!is_ours) return is_ours;
  std::uint64_t good_bytes = 0;
  std::uint64_t end = segment.name.first_sequence;
  if (*is_ours) {
    // A damaged block with good ones behind it is no torn tail: those are kept.
    SegmentScanner scanner(storage_, fd, segment.bytes);
    std::string payload;
    while (const auto block = scanner.next()) {
      if (block->header.first_sequence < end) continue;
      if (!scanner.read_payload(*block, payload)) continue;
      end = block->header.end_sequence();
      good_bytes = block->end_at();
    }
  }
  end_ = std::max(end_, end);
  if (good_bytes == segment.bytes) return make_durable(path, fd);
  counters_.torn_bytes.add(segment.bytes - good_bytes);
  log(Level::hint, "the end of a segment was not written whole before the last stop; it is cut off",
      {{"segment", path}, {"bytes", std::to_string(segment.bytes - good_bytes)}});
  if (good_bytes == 0) return false;
  if (const int cut = storage_.truncate(fd, good_bytes); cut < 0) {
    return fail_errno(-cut, "cannot cut the torn end off the segment " + path);
  }
  {
    const std::lock_guard lock(mutex_);
    segment.bytes = good_bytes;
  }
  return make_durable(path, fd);
}

// After a crash of ours alone, what was read may still be in the kernel's memory only.
Result<bool> LaneLog::make_durable(const std::string& path, int fd) {
  if (options_.sync == Sync::never) return true;
  int error = storage_.sync_data(fd);
  if (error == 0) error = storage_.sync_folder(options_.folder);
  if (error < 0) return fail_errno(-error, "cannot make the segment " + path + " durable");
  return true;
}

}  // namespace sorrel::buffer
