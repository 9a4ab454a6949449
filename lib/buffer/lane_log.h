#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/result.h"
#include "buffer/block.h"
#include "buffer/block_codec.h"
#include "buffer/gap.h"
#include "buffer/options.h"
#include "buffer/quarantine.h"
#include "buffer/segment_cipher.h"
#include "buffer/segment_format.h"
#include "buffer/storage.h"

namespace sorrel::buffer {

struct LaneLogOptions {
  std::string folder;
  Lane lane = Lane::security;
  std::uint64_t segment_bytes = 16u << 20;
  std::uint32_t compression = 1;
  std::string secret;  // empty: not encrypted
  // Sync::never: nothing is made durable, not even names.
  Sync sync = Sync::always;
};

struct LaneLogCounters {
  Counter torn_bytes;      // cut off the last segment at the start: never reported durable
  Counter poisoned;        // segments given up after a write or a sync failed
  Counter dropped_frames;  // in segments that a quota removed
  Counter dropped_segments;
};

// A part of a segment that may be read: all blocks in the first `bytes` bytes, of which those
// before `end` are valid.
struct SegmentView {
  SegmentName name;
  std::string path;
  std::uint64_t end = 0;  // sequence behind the last frame
  std::uint64_t bytes = 0;
};

// The segments of one lane: one thread appends, syncs and removes; any thread may look a segment up
// and read it. An append that failed leaves nothing that is read; a sync that failed is never tried
// again on the same file, since the kernel may have dropped the pages: what was not durable is
// written once more, into another one.
class LaneLog {
 public:
  // Makes the folder; cuts a torn tail off the last segment (nothing else is scanned). Errors: the
  // folder cannot be used; the last segment is of a newer version.
  static Result<std::unique_ptr<LaneLog>> open(Storage& storage, const Clock& clock,
                                               const LaneLogOptions& options);

  // Behind the last frame that was written, and behind the last that is durable.
  std::uint64_t end() const noexcept { return end_; }
  std::uint64_t durable_end() const noexcept { return durable_end_; }
  // Nothing before `sequence` will be appended: a cursor is ahead of the log.
  void skip_to(std::uint64_t sequence);

  // Writes it, behind what there is: block->first must not be below end(). Errors: nothing of it is
  // in the log; try again.
  Status append(std::shared_ptr<const Block> block);
  // What was appended becomes durable. Errors: it is not; try again.
  Status sync();
  bool has_unsynced() const noexcept { return !unsynced_.empty(); }
  std::uint64_t unsynced_bytes() const noexcept { return unsynced_bytes_; }

  // Removes the segments whose frames are all below `sequence`, but for the last, which tells the
  // next start where the log ended; none while that one is not durable. The cursors that allow it
  // must be durable by now.
  void remove_before(std::uint64_t sequence);
  // Removes the oldest segment, read or not. False: there is none.
  bool drop_oldest();

  // Any thread.
  // The first segment that has a frame at or after `sequence`.
  std::optional<SegmentView> find(std::uint64_t sequence) const;
  std::vector<SegmentView> segments() const;
  std::uint64_t bytes() const;
  std::uint64_t first_sequence() const;  // of the oldest segment; end() without any
  const LaneLogCounters& counters() const noexcept { return counters_; }
  const LaneLogOptions& options() const noexcept { return options_; }
  Storage& storage() const noexcept { return storage_; }
  // Where readers put what they cannot read.
  Quarantine& quarantine() const noexcept { return quarantine_; }

 private:
  struct Segment {
    SegmentName name;
    std::uint64_t bytes = 0;
  };

  LaneLog(Storage& storage, const Clock& clock, const LaneLogOptions& options)
      : storage_(storage),
        clock_(clock),
        options_(options),
        quarantine_(storage, options.folder + "/damaged"),
        encoder_(static_cast<int>(options.compression)) {}

  // The segment that is appended to. Readers see of it what publish() says.
  struct Current {
    StorageFile file;
    std::optional<SegmentCipher> cipher;
    std::uint32_t next_number = 0;  // of a block: the nonce, which is never used again
    SegmentName name;
    std::uint64_t bytes = 0;
  };

  Status load();
  // Looks at the last segment, cuts its torn tail off and sets end_; `end` is what the segment
  // itself tells from now on. False: nothing of it is of use.
  Result<bool> recover_last(std::uint64_t& end);
  Status keep_end(std::uint64_t told);
  Result<std::optional<SegmentHeader>> read_header(const std::string& path, int fd);
  Status check_key(const std::string& path, const SegmentHeader& segment, const BlockHeader& block,
                   std::string_view payload) const;
  Result<bool> make_durable(int fd);
  int copy(int from, std::uint64_t bytes, const std::string& path);
  Result<Current> make_segment(std::uint64_t first);
  Status write_block(Current& current, const Block& block);
  void publish();
  // After a failed write.
  void give_up_current();
  Status rewrite_unsynced();
  void set_durable();
  bool replace_last();
  int make_in(const std::string& path, const SegmentHeader& header, StorageFile& file);
  void abandon(const std::string& path);
  Status clear_abandoned();
  std::string path_of(const SegmentName& name) const;
  void remove_file(SegmentName name);             // by value: it may be of an element that goes
  std::uint64_t end_of(std::size_t index) const;  // with mutex_ held

  Storage& storage_;
  const Clock& clock_;
  const LaneLogOptions options_;
  LaneLogCounters counters_;
  mutable Quarantine quarantine_;

  std::optional<Current> current_;
  std::uint64_t end_ = 1;
  std::uint64_t durable_end_ = 1;
  std::vector<std::shared_ptr<const Block>> unsynced_;
  std::uint64_t unsynced_bytes_ = 0;
  // The last segment will be there after a crash, so that older ones may go: one at least must tell
  // where the log ended.
  bool is_anchored_ = true;
  // A segment that could not be made. Should it come back after a crash, it would hide what older
  // segments have from its sequence on: nothing is appended before it has gone for good.
  std::string abandoned_;
  bool must_rewrite_ = false;  // a sync failed: what is unsynced is not in a file to rely on
  BlockEncoder encoder_;

  mutable std::mutex mutex_;  // of what follows
  std::vector<Segment> segments_;
  std::uint64_t visible_end_ = 1;
};

}  // namespace sorrel::buffer
