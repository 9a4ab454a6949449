#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "buffer/buffer.h"
#include "lane_model.h"
#include "simulated_storage.h"

namespace sorrel::simulation {

// One life of a buffer, with all that happens to it, from one seed. Throws Broken when it breaks a
// promise.
class Run {
  using Lane = buffer::Lane;

 public:
  // `key_file`: some runs encrypt. `is_told`: what happens is printed.
  Run(std::uint64_t seed, const std::string& key_file, bool is_told);
  void play(unsigned steps);

  std::uint64_t operations = 0;
  std::uint64_t crashes = 0;
  // What a run may or may not come to, so that all runs together can be asked.
  std::uint64_t frames = 0;
  std::uint64_t gaps = 0;
  std::uint64_t quota_dropped() const;
  const SimulatedStorage& storage() const { return storage_; }
  const buffer::Options& options() const { return options_; }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_of(std::uint64_t count) { return below(count) == 0; }

  void choose_outputs();
  void step();
  void append();
  void write();
  void read_some();
  void acknowledge();
  void rewind();
  void close_in_order();

  void recover(Loss loss);
  void reopen(Loss loss);
  void start();
  void let_rot();
  void tell_start();
  OnDisk on_disk(std::size_t lane);
  void read_segment(const std::string& path, Lane lane, std::uint64_t end, OnDisk& content);
  void take_up_cursors(std::size_t lane, std::uint64_t end);
  void settle();

  void note();
  void check_quotas() const;
  // Frames, or a gap; false: nothing.
  bool read(std::size_t output, std::size_t lane, std::size_t max_bytes);
  buffer::Reader& reader(std::size_t output, std::size_t lane);
  buffer::Reader::Got load(std::size_t output, std::size_t lane, std::size_t max_bytes,
                           buffer::FrameBatch& batch, buffer::Gap& gap);

  std::mt19937_64 random_;
  SimulatedStorage storage_;
  ManualClock clock_;
  buffer::Options options_;
  std::string secret_;
  std::vector<buffer::OutputInfo> outputs_;
  unsigned one_in_ = 0;
  const bool is_told_;
  std::unique_ptr<buffer::Buffer> buffer_;
  std::array<LaneModel, buffer::kLanes> lanes_;
  std::array<std::array<unsigned, buffer::kLanes>, kMaxOutputs> failed_loads_{};
};

}  // namespace sorrel::simulation
