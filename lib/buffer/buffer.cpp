#include "buffer/buffer.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace sorrel::buffer {

Buffer::Buffer(Storage& storage, const Clock& clock, const Options& options,
               std::vector<OutputInfo> outputs)
    : storage_(storage), clock_(clock), options_(options), outputs_(std::move(outputs)) {}

Buffer::~Buffer() {
  close();
}

Result<std::unique_ptr<Buffer>> Buffer::open(Storage& storage, const Clock& clock,
                                             const Options& options,
                                             const std::vector<OutputInfo>& outputs) {
  std::string secret;
  if (!options.key_file.empty()) {
    auto key = read_key_file(options.key_file);
    if (!key) return Unexpected<Error>(std::move(key).error());
    secret = *std::move(key);
  }
  if (const int made = storage.make_folder(options.path); made < 0) {
    return fail_errno(-made, "cannot use the buffer's folder " + options.path +
                                 ": it must be a folder of ours, and no symbolic link");
  }
  std::unique_ptr<Buffer> opened(new Buffer(storage, clock, options, outputs));
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (const Status ready = opened->open_lane(lane, secret); !ready) {
      return Unexpected<Error>(ready.error());
    }
  }
  opened->is_open_ = true;
  return opened;
}

Status Buffer::open_lane(std::size_t index, const std::string& secret) {
  LaneState& lane = lanes_[index];
  const std::string folder = options_.path + '/' + lane_name(index);
  auto log_opened = LaneLog::open(storage_, clock_,
                                  {.folder = folder,
                                   .lane = static_cast<Lane>(index),
                                   .segment_bytes = options_.segment_bytes,
                                   .compression = options_.compression,
                                   .secret = secret,
                                   .sync = options_.lanes[index].sync});
  if (!log_opened) return Unexpected<Error>(std::move(log_opened).error());
  lane.log = *std::move(log_opened);
  const std::uint64_t log_end = lane.log->end();
  const std::uint64_t log_first = lane.log->first_sequence();
  std::vector<std::uint64_t> acked;
  for (const OutputInfo& output : outputs_) {
    std::uint64_t at = 0;
    auto cursor = open_cursor(index, output, log_first, log_end, at);
    if (!cursor) return Unexpected<Error>(std::move(cursor).error());
    if (at >= log_end) {
      log(Level::hint, "an output had answered for frames that a crash took from the buffer",
          {{"output", output.name},
           {"lane", lane_name(index)},
           {"frames", std::to_string(at + 1 - log_end)}});
    }
    acked.push_back(at);
    lane.cursors.emplace_back(*std::move(cursor));
  }
  for (const std::uint64_t at : acked) lane.log->skip_to(at + 1);
  lane.durable_end.store(lane.log->durable_end());
  lane.memory =
      std::make_unique<LaneMemory>(LaneMemory::Limits{.block_bytes = options_.commit_bytes,
                                                      .kept_bytes = options_.memory_bytes,
                                                      .max_bytes = 4 * options_.memory_bytes},
                                   lane.log->end());
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    make_reader(index, outputs_[i], acked[i], *lane.cursors[i]);
  }
  return Ok{};
}

std::uint64_t Buffer::durable_end(Lane lane) const noexcept {
  return lanes_[lane_index(lane)].durable_end.load(std::memory_order_acquire);
}

// In runs of one lane, since nearly all frames of a batch are of one.
void Buffer::append(const FrameBatch& batch) {
  const std::vector<FrameHeader>& frames = batch.frames();
  const std::uint64_t now_ns = clock_.monotonic_ns();
  bool must_look = false;
  std::size_t offset = 0;
  for (std::size_t begin = 0; begin < frames.size();) {
    std::size_t end = begin;
    std::size_t size = 0;
    for (; end < frames.size() && frames[end].lane == frames[begin].lane; ++end) {
      size += frames[end].size_bytes;
    }
    must_look |= lanes_[lane_index(frames[begin].lane)].memory->append(
        {frames.data() + begin, end - begin}, batch.bytes().substr(offset, size), now_ns);
    offset += size;
    begin = end;
  }
  if (tell_ && !frames.empty()) tell_();
  if (!must_look) return;
  {
    const std::lock_guard lock(mutex_);
    must_look_ = true;
  }
  wake_.notify_one();
}

LaneStatus Buffer::status(Lane lane) const {
  const LaneState& state = lanes_[lane_index(lane)];
  const LaneLogCounters& counters = state.log->counters();
  const std::uint64_t forgotten = state.memory->dropped();
  return {.segments = state.log->segments().size(),
          .disk_bytes = state.log->bytes(),
          .memory_bytes = state.memory->bytes(),
          .first = state.log->first_sequence(),
          .end = state.memory->end(),
          .durable_end = durable_end(lane),
          .dropped_frames = counters.dropped_frames.value() + forgotten,
          .forgotten_frames = forgotten,
          .torn_bytes = counters.torn_bytes.value(),
          .poisoned_segments = counters.poisoned.value(),
          .damaged_places = state.log->quarantine().counters().places.value(),
          .damaged_kept = state.log->quarantine().counters().kept.value()};
}

}  // namespace sorrel::buffer
