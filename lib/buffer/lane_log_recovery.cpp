// LaneLog at its start: what a crash left is put in order, without a look at more than the last
// segment.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "buffer/block_codec.h"
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
    const std::string path = path_of(segment.name);
    const int fd = storage_.open(path, Storage::Access::read);
    const StorageFile file(storage_, fd);
    const std::int64_t size = fd < 0 ? fd : storage_.size(fd);
    if (size < 0) return fail_errno(static_cast<int>(-size), "cannot open the segment " + path);
    segment.bytes = static_cast<std::uint64_t>(size);
  }
  std::uint64_t told = 1;
  while (!segments_.empty()) {
    const auto stays = recover_last(told);
    if (!stays) return Unexpected<Error>(stays.error());
    if (*stays) break;
    remove_file(segments_.back().name);
    told = 1;
  }
  const std::size_t count = segments_.size();
  if (count > 1 &&
      segments_[count - 2].name.first_sequence == segments_[count - 1].name.first_sequence) {
    remove_file(segments_[count - 2].name);
  }
  durable_end_ = visible_end_ = end_;
  return keep_end(told);
}

// The name of a segment that was of no use told where the log ends. It has gone, so an empty one
// says it in its place: no sequence comes twice, whatever happens next.
Status LaneLog::keep_end(std::uint64_t told) {
  if (told >= end_) return Ok{};
  auto made = make_segment(end_);
  if (!made && made.error().code == std::errc::no_space_on_device) return Ok{};
  if (!made) return Unexpected<Error>(std::move(made).error());
  if (options_.sync != Sync::never) {
    if (const int error = storage_.sync_data(made->file.get()); error != 0) {
      return fail_errno(-error, "cannot make " + path_of(made->name) + " durable");
    }
  }
  current_.emplace(*std::move(made));
  segments_.push_back({current_->name, current_->bytes});
  return Ok{};
}

// A file without a header is one that was made just before the crash: nothing in it was durable.
Result<std::optional<SegmentHeader>> LaneLog::read_header(const std::string& path, int fd) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  const std::int64_t got = read_all(storage_, fd, bytes, 0);
  if (got < 0) return fail_errno(static_cast<int>(-got), "cannot read the segment " + path);
  bytes.resize(static_cast<std::size_t>(got));
  const auto header = parse_segment_header(bytes);
  if (header) return std::optional(*header);
  if (header.error().code == std::errc::not_supported) {
    return fail(std::errc::not_supported, path + ": " + header.error().message);
  }
  return std::optional<SegmentHeader>();
}

// With another key every block would be passed over, and lost for good.
Status LaneLog::check_key(const std::string& path, const SegmentHeader& segment,
                          const BlockHeader& block, std::string_view payload) const {
  if (!segment.is_encrypted) return Ok{};
  if (options_.secret.empty()) {
    return fail(std::errc::permission_denied,
                path +
                    " is encrypted: set buffer.key_file to the key that it was written with, or "
                    "move the folder away");
  }
  const SegmentCipher cipher(options_.secret, segment.salt);
  if (decode_block(block, options_.lane, std::string(payload), &cipher)) return Ok{};
  return fail(std::errc::permission_denied,
              path +
                  " was written with another key than that of buffer.key_file: bring that key "
                  "back, or move the folder away");
}

Result<bool> LaneLog::recover_last(std::uint64_t& end) {
  Segment& segment = segments_.back();
  const std::string path = path_of(segment.name);
  const int fd = storage_.open(path, Storage::Access::write);
  if (fd < 0) return fail_errno(-fd, "cannot open the segment " + path);
  const StorageFile file(storage_, fd);
  const auto header_read = read_header(path, fd);
  if (!header_read) return Unexpected<Error>(header_read.error());
  const std::optional<SegmentHeader>& header = *header_read;
  std::uint64_t good_bytes = 0;
  end = segment.name.first_sequence;
  if (header) {
    good_bytes = kSegmentHeaderBytes;
    // A damaged block with good ones behind it is no torn tail: those are kept.
    SegmentScanner scanner(storage_, fd, segment.bytes);
    std::string payload;
    while (const auto block = scanner.next()) {
      if (block->header.first_sequence < end) continue;
      if (!scanner.read_payload(*block, payload) || !is_intact(block->header, payload)) continue;
      if (const Status opened = check_key(path, *header, block->header, payload); !opened) {
        return Unexpected<Error>(opened.error());
      }
      end = block->header.end_sequence();
      good_bytes = block->end_at();
    }
    // Nothing is cut off by a guess: a disk that fails now may give all of it later.
    if (scanner.take_error()) {
      return fail(std::errc::io_error, "cannot read the segment " + path + " to its end");
    }
  }
  end_ = std::max(end_, end);
  if (good_bytes == segment.bytes && good_bytes != 0) return make_durable(fd);
  counters_.torn_bytes.add(segment.bytes - good_bytes);
  log(Level::hint, "the end of a segment was not written whole before the last stop; it is cut off",
      {{"segment", path}, {"bytes", std::to_string(segment.bytes - good_bytes)}});
  if (good_bytes == 0) {
    // Whatever it is, somebody may still want to look at it.
    if (segment.bytes > kSegmentHeaderBytes && !header) {
      quarantine_.add(segment.name, fd, 0, segment.bytes, "the segment's header is damaged");
    }
    return false;
  }
  if (const int cut = storage_.truncate(fd, good_bytes); cut < 0) {
    return fail_errno(-cut, "cannot cut the torn end off the segment " + path);
  }
  {
    const std::lock_guard lock(mutex_);
    segment.bytes = good_bytes;
  }
  return make_durable(fd);
}

// After a crash of ours alone, what was read may still be in the kernel's memory only; and when a
// sync had failed before, no other sync of this file would bring it to the disk. So it is written
// once more, to a file that nobody has synced yet.
Result<bool> LaneLog::make_durable(int fd) {
  if (options_.sync == Sync::never) return true;
  const std::string path = path_of(segments_.back().name);
  const std::string copied = path + ".new";
  storage_.remove(copied);
  int error = copy(fd, segments_.back().bytes, copied);
  if (error == 0) error = storage_.rename(copied, path);
  if (error == 0) error = storage_.sync_folder(options_.folder);
  if (error != 0) storage_.remove(copied);
  if (error == -ENOSPC) {
    // A full disk must not keep the agent from its work.
    if (storage_.sync_data(fd) == 0 && storage_.sync_folder(options_.folder) == 0) return true;
  }
  if (error != 0) return fail_errno(-error, "cannot write the segment " + path);
  return true;
}

// A durable copy of the first `bytes` bytes. 0 or a negative errno.
int LaneLog::copy(int from, std::uint64_t bytes, const std::string& path) {
  constexpr std::size_t kWindowBytes = 1u << 20;
  const int fd = storage_.open(path, Storage::Access::create);
  if (fd < 0) return fd;
  const StorageFile file(storage_, fd);
  std::string window(kWindowBytes, '\0');
  for (std::uint64_t done = 0; done < bytes;) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kWindowBytes, bytes - done));
    const std::int64_t got = read_all(storage_, from, {window.data(), size}, done);
    if (got < 0) return static_cast<int>(got);
    if (got != static_cast<std::int64_t>(size)) return -EIO;
    if (const int error = write_all(storage_, fd, {window.data(), size}, done); error != 0) {
      return error;
    }
    done += size;
  }
  return storage_.sync_data(fd);
}

}  // namespace sorrel::buffer
