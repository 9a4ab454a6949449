#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/result.h"
#include "buffer/cursor_file.h"
#include "buffer/frame.h"
#include "buffer/lane_log.h"
#include "buffer/lane_memory.h"
#include "buffer/options.h"
#include "buffer/reader.h"
#include "buffer/storage.h"

namespace sorrel::buffer {

// An output that reads the buffer.
struct OutputInfo {
  std::string name;          // its cursors' file names; letters, digits, - and _
  std::uint64_t bit = 1;     // in FrameHeader::outputs
  bool is_required = true;   // segments wait for it, up to the quotas
  bool from_oldest = false;  // a new output begins with the oldest frame, not behind the newest
};

// A sequence in each lane.
using LaneEnds = std::array<std::uint64_t, kLanes>;

// Figures of one lane, for status.
struct LaneStatus {
  std::uint64_t segments = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t first = 0;             // sequence of the oldest frame on disk
  std::uint64_t end = 0;               // sequence of the next frame
  std::uint64_t durable_end = 0;       // all frames below are durable
  std::uint64_t dropped_frames = 0;    // by a quota, or from memory
  std::uint64_t forgotten_frames = 0;  // of them, those that never came to the disk
  std::uint64_t torn_bytes = 0;
  std::uint64_t poisoned_segments = 0;
  std::uint64_t damaged_places = 0;  // of segments, found by readers
  std::uint64_t damaged_kept = 0;    // of them, copied aside
};

// Encoded frames on disk, until every output has answered for them: a log a lane, a cursor an
// output and lane. One thread of its own writes; append() never waits for it.
class Buffer {
 public:
  // Errors: the folder or a file of it cannot be used. Cursors that are ahead of the log (a power
  // cut under a lazy sync policy) are reported, and lose nothing.
  static Result<std::unique_ptr<Buffer>> open(Storage& storage, const Clock& clock,
                                              const Options& options,
                                              const std::vector<OutputInfo>& outputs);
  ~Buffer();

  // Starts the thread. Without it run_once() does its work, for tests and tools.
  void start();
  // Writes what there is, saves the cursors, ends the thread.
  void close();

  // The pipeline's thread. Takes all frames, each into its lane.
  void append(const FrameBatch& batch);
  // Any thread: all frames below are durable, whatever becomes of this process and machine.
  std::uint64_t durable_end(Lane lane) const noexcept;
  // Called from append(), on its thread, when there is something new to read. Set before start().
  void on_frames(std::function<void()> tell) { tell_ = std::move(tell); }

  // `output`: its place in what open() was given, or as add_output() said. Valid as long as this,
  // or until remove_output().
  Reader& reader(std::size_t output, Lane lane);

  // Outputs that come and go while the thread runs; of one thread, as is reader(). They may wait
  // for the disk. A new one begins behind the newest frame, or as `from_oldest` says; one that was
  // here before begins where its cursor is. Returns its place. Errors: a cursor cannot be used;
  // nothing was added then.
  Result<std::size_t> add_output(const OutputInfo& output);
  // Its cursors are saved and stay in the folder; segments no longer wait for it. Nobody reads with
  // its readers any more.
  void remove_output(std::size_t output);
  // The same for one that is given up before it has read anything; new cursors of its go, too.
  void undo_add(std::size_t output);
  // Whether segments wait for it, from now on.
  void set_required(std::size_t output, bool is_required);
  // Before anybody reads: an output that add_output() let begin behind the newest frame begins with
  // `ends` instead, which came later.
  void begin_at(std::size_t output, const LaneEnds& ends);
  // The sequence of the next frame of each lane; on the thread that appends they stay true.
  LaneEnds ends() const;
  // An acknowledgement may let segments go: saves cursors within a second.
  void run_once();

  LaneStatus status(Lane lane) const;
  std::uint64_t write_errors() const noexcept { return write_errors_.value(); }
  bool is_full() const noexcept { return is_full_.load(std::memory_order_relaxed); }

 private:
  struct Cursor {
    CursorFile file;
    std::unique_ptr<Reader> reader;
    std::optional<std::uint64_t> saved;  // safe on the disk; nothing: that is not known
    std::uint64_t noted = 0;             // at least; see CursorFile::note()
    bool is_new = false;                 // it had no file
  };
  struct LaneState {
    std::unique_ptr<LaneLog> log;
    std::unique_ptr<LaneMemory> memory;
    // One an output; nothing where one has gone. Under outputs_mutex_.
    std::vector<std::optional<Cursor>> cursors;
    std::atomic<std::uint64_t> durable_end{1};
    std::uint64_t last_sync_ns = 0;
    std::uint64_t retry_ns = 0;  // after an error, not before
  };

  Buffer(Storage& storage, const Clock& clock, const Options& options,
         std::vector<OutputInfo> outputs);

  Status open_lane(std::size_t lane, const std::string& secret);
  Result<Cursor> open_cursor(std::size_t lane, const OutputInfo& output, std::uint64_t first,
                             std::uint64_t end, std::uint64_t& acked);
  void make_reader(std::size_t lane, const OutputInfo& output, std::uint64_t acked, Cursor& cursor);
  void forget_output(std::size_t output);
  static Status save_cursor(Cursor& cursor);
  void run();
  void write_lane(std::size_t lane, std::uint64_t now_ns, bool is_last);
  void sync_lane(std::size_t lane, std::uint64_t now_ns, bool is_last);
  void report_error(LaneState& lane, std::uint64_t now_ns, const Error& error);
  void save_cursors();
  void note_cursors();
  void keep_quotas();
  std::uint64_t next_due_ns() const;

  Storage& storage_;
  const Clock& clock_;
  const Options options_;
  // Of places and cursors: those who add and remove, and the thread that saves.
  mutable std::mutex outputs_mutex_;
  std::vector<OutputInfo> outputs_;  // a place that is free has no name
  std::array<LaneState, kLanes> lanes_;
  std::function<void()> tell_;
  Counter write_errors_;
  std::atomic<bool> is_full_{false};
  bool is_open_ = false;  // there is something to close
  std::uint64_t next_upkeep_ns_ = 0;
  std::uint64_t next_note_ns_ = 0;
  std::uint64_t told_error_ns_ = 0;

  std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  bool must_look_ = false;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace sorrel::buffer
