// Run's crashes, starts and end.
#include <algorithm>
#include <cstdio>

#include "buffer/block_codec.h"
#include "run.h"

namespace sorrel::simulation {

using buffer::Buffer;
using buffer::kLanes;
using buffer::Lane;
using buffer::Sync;

namespace {

constexpr Lane lane_of(std::size_t lane) {
  return static_cast<Lane>(lane);
}

std::string folder_of(std::size_t lane) {
  return std::string("/b/") + buffer::lane_name(lane);
}

}  // namespace

void Run::close_in_order() {
  buffer_->close();
  note();
  storage_.crash_after(0);
  buffer_.reset();
  if (one_of(3)) storage_.crash_after(1 + below(60));
  reopen(Loss::process);
}

void Run::recover(Loss loss) {
  note();
  if (is_told_) std::printf("crash: of the %s\n", loss == Loss::power ? "power" : "process");
  storage_.die();
  buffer_.reset();
  storage_.crash(loss);
  ++crashes;
  if (one_of(3)) storage_.crash_after(1 + below(60));
  reopen(loss);
}

// `loss`: the worst that came since the last time that it was open.
void Run::reopen(Loss loss) {
  if (outputs_.size() < kMaxOutputs && one_of(15)) {
    outputs_.push_back({.name = "o" + std::to_string(outputs_.size()),
                        .bit = std::uint64_t{1} << outputs_.size(),
                        .is_required = !one_of(3),
                        .from_oldest = one_of(2)});
  }
  std::vector<std::string> lost_files = storage_.lost_files();
  for (;;) {
    try {
      start();
      if (buffer_) break;
    } catch (const Crashed&) {
      const Loss another = one_of(4) ? Loss::process : Loss::power;
      if (another == Loss::power) loss = another;
      storage_.crash(another);
      lost_files.insert(lost_files.end(), storage_.lost_files().begin(),
                        storage_.lost_files().end());
      ++crashes;
    }
  }
  storage_.set_fault_rate(0);
  tell_start();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const bool keeps_promise = loss == Loss::process || options_.lanes[lane].sync != Sync::never;
    const bool is_name_lost =
        std::any_of(lost_files.begin(), lost_files.end(), [&](const std::string& path) {
          return path.starts_with(folder_of(lane)) && path.ends_with(".seg");
        });
    const buffer::LaneStatus status = buffer_->status(lane_of(lane));
    take_up_cursors(lane, status.end);
    const OnDisk present = on_disk(lane);
    lanes_[lane].restart(status, present, keeps_promise, is_name_lost);
    for (std::size_t output = 0; output < outputs_.size(); ++output) {
      lanes_[lane].begin_output(output, outputs_[output], present);
    }
  }
  failed_loads_ = {};
  storage_.set_fault_rate(one_in_);
  storage_.set_has_room(false);
}

void Run::take_up_cursors(std::size_t lane, std::uint64_t end) {
  for (std::size_t output = 0; output < outputs_.size(); ++output) {
    const std::uint64_t acked = reader(output, lane).acked();
    require(acked < end, "output " + std::to_string(output) + " has answered for frame " +
                             std::to_string(acked) + " of the lane " + buffer::lane_name(lane) +
                             ", which is yet to come");
    lanes_[lane].set_cursor(output, acked);
    if (lanes_[lane].received(output).exists) lanes_[lane].check_cursor(output, acked);
  }
}

// Faults may keep it from opening, but not for ever.
void Run::start() {
  let_rot();
  storage_.set_fault_rate(one_of(4) ? one_in_ : 0);
  storage_.set_has_room(true);
  if (auto opened = Buffer::open(storage_, clock_, options_, outputs_))
    buffer_ = *std::move(opened);
}

// In a segment that is sealed; what was in the block may be lost, and no more.
void Run::let_rot() {
  if (!one_of(8)) return;
  const std::size_t lane = below(kLanes);
  std::vector<std::string> names;
  storage_.set_peeking(true);
  storage_.list(folder_of(lane), names);
  storage_.set_peeking(false);
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".seg"); });
  std::sort(names.begin(), names.end());
  if (names.size() < 3) return;
  const OnDisk before = on_disk(lane);
  const std::string path = folder_of(lane) + '/' + names[below(names.size() - 2)];
  if (is_told_) std::printf("rot: in %s\n", path.c_str());
  storage_.rot(path);
  const OnDisk after = on_disk(lane);
  for (const auto& [sequence, frame] : before) {
    if (!after.contains(sequence)) lanes_[lane].lose(sequence);
  }
}

void Run::tell_start() {
  if (!is_told_) return;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const buffer::LaneStatus status = buffer_->status(lane_of(lane));
    std::printf("open: lane %zu sync %d first %llu end %llu acked", lane,
                static_cast<int>(options_.lanes[lane].sync),
                static_cast<unsigned long long>(status.first),
                static_cast<unsigned long long>(status.end));
    for (std::size_t output = 0; output < outputs_.size(); ++output) {
      std::printf(" %llu",
                  static_cast<unsigned long long>(buffer_->reader(output, lane_of(lane)).acked()));
    }
    std::vector<std::string> names;
    storage_.set_peeking(true);
    storage_.list(folder_of(lane), names);
    storage_.set_peeking(false);
    for (const std::string& name : names) std::printf(" %s", name.c_str());
    std::printf("\n");
  }
}

// By another way than the buffer's own reader. Of two segments that have a frame, the one whose
// name is next to it counts.
OnDisk Run::on_disk(std::size_t lane) {
  storage_.set_peeking(true);
  std::vector<std::string> names;
  storage_.list(folder_of(lane), names);
  std::vector<buffer::SegmentName> segments;
  for (const std::string& name : names) {
    if (const auto segment = buffer::parse_segment_name(name)) segments.push_back(*segment);
  }
  std::sort(segments.begin(), segments.end());
  OnDisk content;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::uint64_t end = i + 1 < segments.size() ? segments[i + 1].first_sequence : UINT64_MAX;
    read_segment(folder_of(lane) + '/' + buffer::segment_file_name(segments[i]), lane_of(lane), end,
                 content);
  }
  storage_.set_peeking(false);
  return content;
}

void Run::read_segment(const std::string& path, Lane lane, std::uint64_t end, OnDisk& content) {
  const buffer::StorageFile file(storage_, storage_.open(path, buffer::Storage::Access::read));
  std::string bytes(static_cast<std::size_t>(storage_.size(file.get())), '\0');
  buffer::read_all(storage_, file.get(), bytes, 0);
  const auto segment = buffer::parse_segment_header(bytes);
  std::optional<buffer::SegmentCipher> cipher;
  if (segment && segment->is_encrypted) cipher.emplace(secret_, segment->salt);
  if (!segment && !secret_.empty()) return;
  for (std::size_t at = buffer::kSegmentHeaderBytes; at < bytes.size();) {
    at = buffer::find_block_header(bytes, at);
    if (at == std::string::npos) return;
    const auto header = buffer::parse_block_header(std::string_view(bytes).substr(at));
    const std::size_t payload = at + buffer::kBlockHeaderBytes;
    const auto block = buffer::decode_block(
        *header, lane, bytes.substr(payload, header->stored_bytes), cipher ? &*cipher : nullptr);
    at = block ? payload + header->stored_bytes : at + 1;
    if (!block || block->first >= end) continue;
    std::size_t offset = 0;
    for (const buffer::FrameHeader& frame : block->frames) {
      if (frame.sequence >= end) break;
      content[frame.sequence] = {block->bytes.substr(offset, frame.size_bytes), frame.outputs};
      offset += frame.size_bytes;
    }
  }
}

// No more faults: everything that is left must come to everybody who wants it.
void Run::settle() {
  storage_.set_fault_rate(0);
  storage_.set_has_room(true);
  storage_.set_others(0);
  one_in_ = 0;
  storage_.crash_after(0);
  for (int i = 0; i < 3; ++i) {
    clock_.advance_ms(5'000);
    buffer_->run_once();
    note();
  }
  check_quotas();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const buffer::LaneStatus status = buffer_->status(lane_of(lane));
    require(status.durable_end == status.end, "something stays in memory for ever");
    for (std::size_t output = 0; output < outputs_.size(); ++output) {
      reader(output, lane).rewind();
      lanes_[lane].rewind(output);
      while (read(output, lane, 10'000)) {
      }
      lanes_[lane].check_complete(output);
    }
  }
}

void Run::check_quotas() const {
  std::uint64_t used = 0;
  std::uint64_t least = 0;  // what a quota cannot take
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    used += buffer_->status(lane_of(lane)).disk_bytes;
    least += buffer::kSegmentHeaderBytes;
  }
  require(options_.max_bytes == 0 || used <= std::max(options_.max_bytes, least),
          "the buffer takes more room than its quota");
}

}  // namespace sorrel::simulation
