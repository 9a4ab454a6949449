#include "lane_model.h"

#include <algorithm>

namespace sorrel::simulation {
namespace {

std::string text_of(std::uint64_t number) {
  return std::to_string(number);
}

std::string output_name(std::size_t output) {
  return "output " + std::to_string(output);
}

}  // namespace

std::string LaneModel::frame_name(std::uint64_t sequence) const {
  return "frame " + text_of(sequence) + " of the lane " + name_;
}

void LaneModel::append(std::uint64_t sequence, std::string text, std::uint64_t outputs) {
  texts_.insert(text);
  frames_[sequence] = {std::move(text), outputs};
}

void LaneModel::begin_output(std::size_t output, const buffer::OutputInfo& info,
                             const OnDisk& present) {
  Received& received = received_[output];
  if (received.exists) return;
  received.exists = true;
  received.is_required = info.is_required;
  received.bit = info.bit;
  received.start = received.prefix = received.cursor;
  for (const auto& [sequence, frame] : frames_) {
    if (!present.contains(sequence)) received.gone_before.insert(sequence);
  }
}

void LaneModel::note(const buffer::LaneStatus& status) {
  require(status.durable_end <= status.end, "more is durable than there is");
  if (status.forgotten_frames != forgotten_seen_) {
    forgotten_budget_ += status.forgotten_frames - forgotten_seen_;
    forgotten_seen_ = status.forgotten_frames;
    for (std::uint64_t each = durable_end_; each < status.end; ++each) candidates_.insert(each);
  }
  const std::uint64_t by_quota = status.dropped_frames - status.forgotten_frames;
  if (by_quota != quota_seen_) {
    quota_dropped_ += by_quota - quota_seen_;
    quota_seen_ = by_quota;
    quota_floor_ = std::max(quota_floor_, status.first);
  }
  durable_end_ = status.durable_end;
  promised_ = std::max(promised_, status.durable_end);
}

void LaneModel::take_frame(std::size_t output, std::uint64_t sequence, std::string_view text) {
  Received& received = received_[output];
  const auto known = frames_.find(sequence);
  require(known != frames_.end() && known->second.text == text,
          frame_name(sequence) + " is not what was appended");
  require((known->second.outputs & received.bit) != 0, "a frame of another output");
  require(sequence > received.last, "frames are out of order");
  received.last = sequence;
  received.frames.insert(sequence);
  received.unanswered.push_back(sequence);
}

void LaneModel::take_gap(std::size_t output, const buffer::Gap& gap) {
  Received& received = received_[output];
  require(gap.first > received.last && gap.last >= gap.first, "a gap is out of order");
  received.last = gap.last;
  for (std::uint64_t sequence = gap.first; sequence <= gap.last; ++sequence) {
    received.unanswered.push_back(sequence);
    if (!frames_.contains(sequence) || is_excused(sequence)) continue;
    if (received.gone_before.contains(sequence)) continue;
    if (!received.is_required && is_passed_by_required(sequence)) continue;
    require(!received.answered.contains(sequence),
            frame_name(sequence) + " went before the cursor of " + output_name(output) +
                ", which had answered for it, was safe");
    require(false, frame_name(sequence) + " is a gap of " + output_name(output) +
                       (sequence < promised_ ? ", though it was reported durable"
                                             : ", though nothing was lost"));
  }
}

void LaneModel::answer(std::size_t output, std::uint64_t sequence) {
  received_[output].answered.insert(sequence);
  advance(received_[output]);
}

void LaneModel::advance(Received& received) const {
  for (;;) {
    const std::uint64_t next = received.prefix + 1;
    const auto frame = frames_.find(next);
    const bool is_others = frame != frames_.end() && (frame->second.outputs & received.bit) == 0;
    if (!is_others && !received.answered.contains(next)) return;
    received.prefix = next;
  }
}

void LaneModel::check_cursor(std::size_t output, std::uint64_t acked) {
  Received& received = received_[output];
  advance(received);
  require(acked <= received.prefix, "the cursor of " + output_name(output) + " is at frame " +
                                        text_of(acked) + " of the lane " + name_ +
                                        ", ahead of what was answered, " +
                                        text_of(received.prefix));
}

void LaneModel::rewind(std::size_t output) {
  received_[output].last = 0;
  received_[output].unanswered.clear();
}

bool LaneModel::is_excused(std::uint64_t sequence) {
  return sequence < quota_floor_ || is_forgotten(sequence);
}

bool LaneModel::is_forgotten(std::uint64_t sequence) {
  if (forgotten_.contains(sequence)) return true;
  if (forgotten_budget_ == 0 || !candidates_.contains(sequence)) return false;
  --forgotten_budget_;
  forgotten_.insert(sequence);
  return true;
}

bool LaneModel::is_passed_by_required(std::uint64_t sequence) const {
  return std::all_of(received_.begin(), received_.end(), [&](const Received& received) {
    return !received.exists || !received.is_required || received.prefix >= sequence ||
           received.gone_before.contains(sequence);
  });
}

void LaneModel::start_over(const OnDisk& present) {
  promised_ = 1;
  frames_ = present;
  for (Received& received : received_) received.start = received.cursor;
  for (const auto& [sequence, frame] : frames_) {
    require(texts_.contains(frame.text), frame_name(sequence) + " is not what was appended");
  }
}

void LaneModel::restart(const buffer::LaneStatus& status, const OnDisk& present, bool keeps_promise,
                        bool is_name_lost) {
  if (!keeps_promise) start_over(present);
  const std::string lost = is_name_lost ? "the name of its file was not" : "its pages were not";
  require(status.end >= promised_, "the lane " + name_ + " ends at " + text_of(status.end) +
                                       ", before " + frame_name(promised_ - 1) +
                                       ", which was reported durable: " + lost);
  for (auto at = frames_.begin(); at != frames_.end();) {
    const std::uint64_t sequence = at->first;
    if (present.contains(sequence) || (sequence < promised_ && is_passed_by_required(sequence))) {
      ++at;
      continue;
    }
    if (sequence < promised_ && !is_excused(sequence)) {
      require(sequence >= status.first,
              frame_name(sequence) + " was removed, though an output waits for it");
      require(false, frame_name(sequence) + " was reported durable, and has gone: " + lost);
    }
    at = frames_.erase(at);  // nobody had been told of it, or it was told as lost
  }
  // Their sequences come again.
  const std::uint64_t end = status.end;
  candidates_.erase(candidates_.lower_bound(end), candidates_.end());
  forgotten_.erase(forgotten_.lower_bound(end), forgotten_.end());
  for (Received& received : received_) {
    received.frames.erase(received.frames.lower_bound(end), received.frames.end());
    received.answered.erase(received.answered.lower_bound(end), received.answered.end());
    received.gone_before.erase(received.gone_before.lower_bound(end), received.gone_before.end());
    received.prefix = std::min(received.prefix, end - 1);
    received.last = 0;
    received.unanswered.clear();
  }
  forgotten_seen_ = quota_seen_ = 0;
  durable_end_ = status.durable_end;
  note(status);
}

bool LaneModel::is_owed(const Received& received, std::uint64_t sequence) const {
  return sequence > received.start && sequence >= quota_floor_ && !forgotten_.contains(sequence) &&
         !received.gone_before.contains(sequence) &&
         (received.is_required || !is_passed_by_required(sequence));
}

void LaneModel::check_complete(std::size_t output) const {
  const Received& received = received_[output];
  for (const auto& [sequence, frame] : frames_) {
    if ((frame.outputs & received.bit) == 0 || received.frames.contains(sequence)) continue;
    require(!is_owed(received, sequence),
            frame_name(sequence) + " never came to " + output_name(output));
  }
}

}  // namespace sorrel::simulation
