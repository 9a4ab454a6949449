// Buffer's outputs: their cursors and readers, and how they come and go.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "buffer/buffer.h"

namespace sorrel::buffer {

// `first` and `end`: of the log. `acked`: where the output begins.
Result<Buffer::Cursor> Buffer::open_cursor(std::size_t index, const OutputInfo& output,
                                           std::uint64_t first, std::uint64_t end,
                                           std::uint64_t& acked) {
  auto opened =
      CursorFile::open(storage_, lanes_[index].log->options().folder, output.name + ".cursor");
  if (!opened) return Unexpected<Error>(std::move(opened).error());
  const bool from_oldest = output.from_oldest || opened->is_damaged;
  acked = opened->acked.value_or((from_oldest ? first : end) - 1);
  if (opened->is_damaged) {
    log(Level::warning, "a cursor of the buffer is damaged: its output gets all frames again",
        {{"output", output.name}, {"lane", lane_name(index)}});
  }
  // Where a new output begins is known from now on, also after a crash. What was read is saved,
  // too: it may be in the kernel's memory only, after a sync that failed.
  const Status saved = opened->file.save(acked);
  if (!saved && !opened->is_known_safe) return Unexpected<Error>(saved.error());
  return Cursor{.file = std::move(opened->file),
                .reader = nullptr,
                .saved = saved ? std::optional<std::uint64_t>(acked) : std::nullopt,
                .is_new = !opened->acked && !opened->is_damaged};
}

void Buffer::make_reader(std::size_t index, const OutputInfo& output, std::uint64_t acked,
                         Cursor& cursor) {
  const LaneState& lane = lanes_[index];
  cursor.reader = std::make_unique<Reader>(*lane.memory, *lane.log, static_cast<Lane>(index),
                                           output.bit, acked);
}

Reader& Buffer::reader(std::size_t output, Lane lane) {
  const std::lock_guard lock(outputs_mutex_);
  return *lanes_[lane_index(lane)].cursors[output]->reader;
}

Result<std::size_t> Buffer::add_output(const OutputInfo& output) {
  std::unique_lock lock(outputs_mutex_);
  const auto free = std::find_if(outputs_.begin(), outputs_.end(),
                                 [](const OutputInfo& each) { return each.name.empty(); });
  const auto place = static_cast<std::size_t>(free - outputs_.begin());
  if (free == outputs_.end()) {
    outputs_.emplace_back();
    for (LaneState& lane : lanes_) lane.cursors.emplace_back();
  }
  outputs_[place] = output;
  for (std::size_t index = 0; index < kLanes; ++index) {
    LaneState& lane = lanes_[index];
    const std::uint64_t end = lane.memory->end();
    std::uint64_t acked = 0;
    auto cursor = open_cursor(index, output, lane.log->first_sequence(), end, acked);
    if (!cursor) {
      lock.unlock();
      undo_add(place);
      return Unexpected<Error>(std::move(cursor).error());
    }
    // A cursor ahead of the log is of frames that a crash took while the output was away. Their
    // numbers were given to others since.
    make_reader(index, output, std::min(acked, end - 1), *cursor);
    lane.cursors[place] = *std::move(cursor);
  }
  return place;
}

void Buffer::remove_output(std::size_t output) {
  const std::lock_guard lock(outputs_mutex_);
  for (LaneState& lane : lanes_) {
    Cursor& cursor = *lane.cursors[output];
    // What it had answered for is sent again, should it come back: that is all that can happen.
    if (const Status saved = save_cursor(cursor); !saved) {
      log(Level::warning, "the cursor of an output that goes is not saved",
          {{"output", outputs_[output].name}, {"error", saved.error().to_string()}});
    }
  }
  forget_output(output);
}

void Buffer::undo_add(std::size_t output) {
  const std::lock_guard lock(outputs_mutex_);
  for (LaneState& lane : lanes_) {
    if (!lane.cursors[output] || !lane.cursors[output]->is_new) continue;
    storage_.remove(lane.log->options().folder + '/' + outputs_[output].name + ".cursor");
  }
  forget_output(output);
}

void Buffer::forget_output(std::size_t output) {
  for (LaneState& lane : lanes_) lane.cursors[output].reset();
  outputs_[output] = OutputInfo();
}

void Buffer::set_required(std::size_t output, bool is_required) {
  const std::lock_guard lock(outputs_mutex_);
  outputs_[output].is_required = is_required;
}

void Buffer::begin_at(std::size_t output, const LaneEnds& ends) {
  const std::lock_guard lock(outputs_mutex_);
  if (outputs_[output].from_oldest) return;
  for (std::size_t index = 0; index < kLanes; ++index) {
    Cursor& cursor = *lanes_[index].cursors[output];
    if (cursor.is_new) cursor.reader->begin_at(ends[index]);
  }
}

LaneEnds Buffer::ends() const {
  LaneEnds ends{};
  for (std::size_t index = 0; index < kLanes; ++index) ends[index] = lanes_[index].memory->end();
  return ends;
}

}  // namespace sorrel::buffer
