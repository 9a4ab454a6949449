#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "buffer/buffer.h"

namespace sorrel::simulation {

inline constexpr std::size_t kMaxOutputs = 5;

// A promise of the buffer was broken.
struct Broken {
  std::string what;
};
inline void require(bool is_true, const std::string& what) {
  if (!is_true) throw Broken{what};
}

struct Frame {
  std::string text;
  std::uint64_t outputs = 0;
};
// What the disk has of a lane, by sequence.
using OnDisk = std::map<std::uint64_t, Frame>;

// What an output has got of a lane, and has answered.
struct Received {
  bool exists = false;
  bool is_required = false;
  std::uint64_t bit = 0;
  std::uint64_t start = 0;                // it is owed what comes behind
  std::set<std::uint64_t> gone_before;    // ... but for these, which others had answered for
  std::uint64_t cursor = 0;               // at the last start
  std::uint64_t last = 0;                 // given last, since it began or went back
  std::set<std::uint64_t> frames;         // given at any time
  std::vector<std::uint64_t> unanswered;  // given, and not answered
  std::set<std::uint64_t> answered;
  std::uint64_t prefix = 0;  // all up to it are answered, or were none of its own
};

// One lane as it was promised to be, the plain way: each frame by itself.
class LaneModel {
 public:
  explicit LaneModel(std::string name) : name_(std::move(name)) {}

  void append(std::uint64_t sequence, std::string text, std::uint64_t outputs);
  // Where an output's cursor is at a start; and then, for one that is new, what it begins with.
  void set_cursor(std::size_t output, std::uint64_t acked) { received_[output].cursor = acked; }
  void begin_output(std::size_t output, const buffer::OutputInfo& info, const OnDisk& present);

  // After each thing that the buffer did. `is_open`: since it was opened.
  void note(const buffer::LaneStatus& status);
  void take_frame(std::size_t output, std::uint64_t sequence, std::string_view text);
  void take_gap(std::size_t output, const buffer::Gap& gap);
  void answer(std::size_t output, std::uint64_t sequence);
  void check_cursor(std::size_t output, std::uint64_t acked);
  void rewind(std::size_t output);

  // After a start: `status` of the new buffer, the frames that the disk still has, whether a crash
  // took a file of the lane. `keeps_promise`: the lane's policy covers what came between.
  void restart(const buffer::LaneStatus& status, const OnDisk& present, bool keeps_promise,
               bool is_name_lost);
  // Frames that a bad disk took from a file that was safe.
  void lose(std::uint64_t sequence) { frames_.erase(sequence); }
  // Each output has everything that it is owed.
  void check_complete(std::size_t output) const;

  Received& received(std::size_t output) { return received_[output]; }
  std::uint64_t promised() const { return promised_; }
  std::uint64_t quota_dropped() const { return quota_dropped_; }

 private:
  // A power cut under Sync::never may take everything, or bring back what had gone.
  void start_over(const OnDisk& present);
  std::string frame_name(std::uint64_t sequence) const;
  // Whether the buffer may have lost it in a way that it tells of.
  bool is_excused(std::uint64_t sequence);
  bool is_forgotten(std::uint64_t sequence);
  bool is_passed_by_required(std::uint64_t sequence) const;
  bool is_owed(const Received& received, std::uint64_t sequence) const;
  void advance(Received& received) const;

  const std::string name_;
  std::map<std::uint64_t, Frame> frames_;  // by sequence, without those that may be lost
  std::set<std::string> texts_;            // all that were ever appended
  std::array<Received, kMaxOutputs> received_;
  std::uint64_t promised_ = 1;     // all below were reported durable
  std::uint64_t durable_end_ = 1;  // as the buffer said last
  std::uint64_t quota_floor_ = 1;  // a quota took segments up to here
  // Frames that the memory gave up: how many of the candidates, which were not durable then.
  std::uint64_t forgotten_budget_ = 0;
  std::set<std::uint64_t> candidates_;
  std::set<std::uint64_t> forgotten_;
  // Counters of the running buffer, as seen last.
  std::uint64_t forgotten_seen_ = 0;
  std::uint64_t quota_seen_ = 0;
  std::uint64_t quota_dropped_ = 0;  // in all
};

}  // namespace sorrel::simulation
