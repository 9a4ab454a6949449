#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "sink/file_statistics.h"
#include "sink/file_storage.h"
#include "sink/file_target.h"
#include "sink/frame_writer.h"
#include "sink/log_file.h"
#include "sink/options.h"
#include "sink/outage.h"
#include "sink/sink.h"

namespace sorrel::sink {

// Writes frames to a file that it rotates, or to standard output.
//
// A file is best effort when its disk is not: a batch that cannot be written is tried once, dropped
// with a count, and acknowledged, because holding it back would only move the loss to the kernel's
// queue. The next batch is tried again, so recovery takes no longer than the cause; where a file
// must be opened again first, that is tried once a second. Each outage is one log line at its start
// and one at its end, with what it cost. The file holds whole frames in their order, whatever
// happens: a torn frame is cut off again, or where that is impossible its line is ended.
//
// Standard output (path "-") is never rotated nor cut. A reader that went away, or any other error,
// ends it: fatal. A full pipe is waited for, so a slow reader slows the sender down.
//
// Nothing is synced to the disk but a file that is rotated away.
// One thread owns a sink; its statistics may be read from any.
class FileSink final : public Sink {
 public:
  // Opens the file, or creates it. `storage` and `clock` outlive the sink.
  // The file that is created is complete with owner, mode and ACL, or this fails: so call it while
  // the privileges for that are there. A later file that does not get them is counted and used.
  // Ignores SIGXFSZ, and SIGPIPE for standard output, where the process had not set them itself:
  // both would end the process where write(2) has an error code for it.
  // Errors: what is wrong with the options or the file system, on which path, what to do.
  static Result<std::unique_ptr<FileSink>> create(const FileOptions& options, Storage& storage,
                                                  const Clock& clock);

  // Never answers retry or rejected; fatal only for standard output.
  Answer write(const buffer::FrameBatch& batch) override;
  // Finds out whether the file was removed, renamed, replaced or cut by someone else, and mends it:
  // frames written to a removed file since the last call are copied into the new one. Rotates by
  // age.
  void tick() override;
  // Opens the file of that name, which may be a new one. Keeps the open one if that fails.
  void reopen() override;

  const FileStatistics& statistics() const noexcept { return statistics_; }

 private:
  // The frames written since the file was last seen in its place.
  struct Unchecked {
    std::uint64_t offset = 0;
    std::uint64_t frames = 0;
  };
  // A removed file, kept open until its last frames are saved.
  struct Orphan {
    Fd fd;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t frames = 0;
  };

  FileSink(const FileOptions& options, FileTarget target, Storage& storage, const Clock& clock);

  Answer write_stream(const buffer::FrameBatch& batch);
  FrameBoundary count(const buffer::FrameBatch& batch, const WriteOutcome& outcome);
  bool cut_tail();
  int mend_tail();

  void adopt(LogFile file);
  void try_open();
  bool retry_is_due() const noexcept;
  void check_place();
  void note_truncation(std::uint64_t size_bytes);
  void save_orphan();

  void rotate_if_due();
  void rotate();
  bool rotation_is_due() const noexcept;

  const FileOptions options_;
  const FileTarget target_;
  Storage& storage_;
  const Clock& clock_;
  FrameWriter writer_;
  const bool is_stream_;
  int stream_error_ = 0;  // standard output: the errno that ended it
  LogFile file_;          // without a descriptor: it is lost, and cannot be made again yet
  Unchecked unchecked_;
  Orphan orphan_;
  Outage outage_;
  std::uint64_t last_open_ns_ = 0;  // monotonic
  std::uint64_t rotation_hold_ns_ =
      0;  // monotonic: no rotation before this; 0: the last one worked
  FileStatistics statistics_;
};

}  // namespace sorrel::sink
