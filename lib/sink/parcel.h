#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "buffer/frame.h"
#include "sink/bulk_format.h"

namespace sorrel::sink {

// Frames that go to a collector in one request, and what is known of earlier attempts with them.
struct Parcel {
  using Time = std::chrono::steady_clock::time_point;

  std::shared_ptr<const buffer::FrameBatch> batch;  // what the frames are views into
  std::vector<BulkFrame> frames;
  std::size_t bytes = 0;         // of all frames
  Time not_before{};             // when it may be sent
  unsigned broken_count = 0;     // connections that broke while it was under way, in a row
  unsigned refusal_count = 0;    // how often it was refused as one frame alone
  bool is_suspect = false;       // counted as one by the queue
  bool is_uncompressed = false;  // it goes without compression: with it, it was refused
  // How many frames the collector had accepted when this one, or what it was split from, was first
  // refused.
  std::optional<std::uint64_t> refused_at;

  void add(const BulkFrame& frame) {
    frames.push_back(frame);
    bytes += frame.bytes.size();
  }
};

// The frames of a batch in parcels of at most these sizes, in their order; a frame that is larger
// goes alone.
std::vector<Parcel> make_parcels(std::shared_ptr<const buffer::FrameBatch> batch,
                                 std::size_t max_bytes, std::size_t max_frames);

// The frames from `first` up to `last`, with the same past.
Parcel part_of(const Parcel& parcel, std::size_t first, std::size_t last);

// Smaller parcels with the same frames in the same order: the suspect alone and what is before and
// behind it, or two halves. Needs at least two frames.
std::vector<Parcel> split(const Parcel& parcel, std::optional<std::size_t> suspect = std::nullopt);

}  // namespace sorrel::sink
