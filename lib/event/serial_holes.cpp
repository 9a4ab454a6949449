#include "event/serial_holes.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sorrel::event {
namespace {

constexpr std::uint32_t kWordBits = 64;
constexpr std::uint32_t kSmallestWindow = 1u << 10;
constexpr std::uint32_t kLargestWindow = 1u << 24;
// A jump ahead beyond this is no gap of one boot but another sequence: 67 million events.
constexpr std::int32_t kLongestGap = 1 << 26;
// Serials of a new sequence follow each other this closely.
constexpr std::uint32_t kLongestStrayStep = 64;

// How far `a` is ahead of `b` on the 32-bit circle; negative when behind.
std::int32_t ahead(std::uint32_t a, std::uint32_t b) noexcept {
  return static_cast<std::int32_t>(a - b);
}

}  // namespace

SerialHoles::SerialHoles(const SerialHolesOptions& options)
    : window_(std::bit_ceil(std::clamp(options.window, kSmallestWindow, kLargestWindow))),
      timeout_ns_(options.timeout_ms * std::uint64_t{1'000'000}),
      bits_(window_ / kWordBits) {}

void SerialHoles::continue_after(std::uint32_t last_serial, std::uint64_t received_ns) noexcept {
  begin(last_serial + 1);
  continues_ = true;
  judged_until_ns_ = restart_since_ns_ = received_ns;
}

void SerialHoles::begin(std::uint32_t serial) noexcept {
  std::fill(bits_.begin(), bits_.end(), 0);
  begun_ = true;
  continues_ = false;
  base_ = next_ = serial;
  floor_ = serial;
  restart_end_.reset();
  mark_count_ = 0;
  stray_count_ = 0;
  newest_time_ms_ = 0;
  ++sequences_;
}

void SerialHoles::add(std::uint32_t serial, std::uint64_t time_ms, std::uint64_t now_ns) noexcept {
  advance(now_ns);
  if (!begun_) {
    begin(serial);
    judged_until_ns_ = now_ns;
  }
  const std::int32_t distance = ahead(serial, next_);
  if (continues_ && distance > 0) {
    // The first that is new since the previous run; stragglers of that run may precede it.
    continues_ = false;
    restart_end_ = serial;
    restart_until_ns_ = now_ns;
    extend_to(serial, now_ns);
  } else if (distance < 0) {
    add_behind(serial, time_ms, now_ns);
  } else if (distance > kLongestGap) {
    stray(serial, false, now_ns);
    return;
  } else {
    continues_ = false;
    extend_to(serial, now_ns);
  }
  newest_time_ms_ = std::max(newest_time_ms_, time_ms);
}

// `serial` is the highest so far.
void SerialHoles::extend_to(std::uint32_t serial, std::uint64_t now_ns) noexcept {
  stray_count_ = 0;
  if (serial + 1 - base_ > window_) {
    // The window is full: judge an eighth of it more than needed, so that this stays rare.
    const std::uint32_t room = serial - next_ < window_ / 8 ? window_ / 8 : 0;
    judge_below(serial + 1 - window_ + room, now_ns);
  }
  if (serial != next_) clear_range(next_, serial - next_);
  set(serial);
  next_ = serial + 1;
}

void SerialHoles::add_behind(std::uint32_t serial, std::uint64_t time_ms,
                             std::uint64_t now_ns) noexcept {
  if (ahead(serial, base_) >= 0) {
    set(serial);
    return;
  }
  // Judged already: a slow event, one that came too late, or the first of a new sequence. What is
  // merely late has an old stamp; beyond the window the distance alone tells (the clock of a
  // machine that boots may be wrong).
  const bool remembered = next_ - serial <= window_;
  const bool was_late = remembered && (!floor_ || ahead(serial, *floor_) >= 0) && !test(serial);
  if (was_late) {
    set(serial);
    ++late_;
  }
  if (!remembered || time_ms >= newest_time_ms_) stray(serial, was_late, now_ns);
}

// Serials far off the sequence. When many follow each other upwards and nothing of the old sequence
// comes between, the counter was started anew.
void SerialHoles::stray(std::uint32_t serial, bool was_late, std::uint64_t now_ns) noexcept {
  if (stray_count_ != 0) {
    const std::uint32_t step = serial - strays_[stray_count_ - 1];
    if (step == 0) return;
    if (step > kLongestStrayStep) stray_count_ = 0;
  }
  if (stray_count_ == 0) {
    stray_since_ns_ = now_ns;
    stray_late_ = 0;
  }
  stray_late_ += was_late ? 1 : 0;
  strays_[stray_count_++] = serial;
  if (stray_count_ < kStrays) return;

  late_ -= stray_late_;
  judge_below(next_, stray_since_ns_);
  begin(strays_[0]);
  judged_until_ns_ = stray_since_ns_;
  for (const std::uint32_t each : strays_) extend_to(each, now_ns);
}

void SerialHoles::advance(std::uint64_t now_ns) noexcept {
  // The clock was set back: what waits is as old as now.
  if (mark_count_ != 0 && now_ns < marks_[mark_count_ - 1].time_ns) {
    for (std::size_t i = 0; i < mark_count_; ++i) {
      marks_[i].time_ns = std::min(marks_[i].time_ns, now_ns);
    }
    next_mark_ns_ = std::min(next_mark_ns_, now_ns + timeout_ns_ / 8);
  }
  if (now_ns < next_mark_ns_ || !begun_) return;
  std::size_t due = 0;
  while (due < mark_count_ && marks_[due].time_ns + timeout_ns_ <= now_ns) {
    judge_below(marks_[due].serial, marks_[due].time_ns);
    ++due;
  }
  std::move(marks_.begin() + static_cast<std::ptrdiff_t>(due),
            marks_.begin() + static_cast<std::ptrdiff_t>(mark_count_), marks_.begin());
  mark_count_ -= due;
  next_mark_ns_ = now_ns + timeout_ns_ / 8;
  // A full list only makes the next mark cover more.
  if (mark_count_ == kMarks) return;
  if (mark_count_ != 0 && marks_[mark_count_ - 1].serial == next_) return;
  marks_[mark_count_++] = {.serial = next_, .time_ns = now_ns};
}

void SerialHoles::finish(std::uint64_t now_ns) noexcept {
  if (begun_) judge_below(next_, now_ns);
  mark_count_ = 0;
}

// Everything below `limit` that is missing is lost. It went missing before `until_ns`.
void SerialHoles::judge_below(std::uint32_t limit, std::uint64_t until_ns) noexcept {
  if (ahead(limit, base_) > 0) {
    const std::uint32_t seen_end = ahead(limit, next_) < 0 ? limit : next_;
    while (base_ != seen_end) {
      // A word at a time while all of it was seen, which is nearly always.
      if (base_ % kWordBits == 0 && seen_end - base_ >= kWordBits &&
          bits_[(base_ % window_) / kWordBits] == UINT64_MAX) {
        base_ += kWordBits;
        continue;
      }
      if (!test(base_)) lose(base_, 1, until_ns);
      ++base_;
    }
    if (ahead(limit, next_) > 0) {  // a gap longer than the window
      lose(next_, limit - next_, until_ns);
      clear_range(next_, limit - next_);
      base_ = next_ = limit;
    }
    if (floor_ && next_ - *floor_ > window_) floor_.reset();
  }
  judged_until_ns_ = std::max(judged_until_ns_, until_ns);
}

void SerialHoles::lose(std::uint32_t first, std::uint32_t count, std::uint64_t until_ns) noexcept {
  lost_ += count;
  if (restart_end_) {
    const std::int32_t before = ahead(*restart_end_, first);
    if (before > 0) {
      const std::uint32_t part = std::min(count, static_cast<std::uint32_t>(before));
      note(restart_, first, part, restart_since_ns_, restart_until_ns_);
      first += part;
      count -= part;
    } else {
      restart_end_.reset();
    }
  }
  if (count != 0) note(holes_, first, count, judged_until_ns_, until_ns);
}

void SerialHoles::note(Pending& pending, std::uint32_t first, std::uint32_t count,
                       std::uint64_t since_ns, std::uint64_t until_ns) noexcept {
  if (pending.count == 0) {
    pending.first = first;
    pending.since_ns = std::min(since_ns, until_ns);
  }
  pending.count += count;
  pending.last = first + count - 1;
  pending.until_ns = std::max(pending.until_ns, until_ns);
}

std::optional<LossReport> SerialHoles::take_report() {
  for (Pending* pending : {&restart_, &holes_}) {
    if (pending->count == 0) continue;
    LossReport report{.cause = pending == &restart_ ? LossCause::restart : LossCause::serial_hole,
                      .count = pending->count,
                      .since_ns = pending->since_ns,
                      .until_ns = pending->until_ns,
                      .detail = "serials " + std::to_string(pending->first) + ".." +
                                std::to_string(pending->last)};
    *pending = {};
    return report;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> SerialHoles::highest() const noexcept {
  if (!begun_) return std::nullopt;
  return next_ - 1;
}

bool SerialHoles::test(std::uint32_t serial) const noexcept {
  const std::uint32_t slot = serial % window_;
  return (bits_[slot / kWordBits] >> (slot % kWordBits) & 1) != 0;
}

void SerialHoles::set(std::uint32_t serial) noexcept {
  const std::uint32_t slot = serial % window_;
  bits_[slot / kWordBits] |= std::uint64_t{1} << (slot % kWordBits);
}

void SerialHoles::clear_range(std::uint32_t first, std::uint32_t count) noexcept {
  if (count >= window_) {
    std::fill(bits_.begin(), bits_.end(), 0);
    return;
  }
  for (std::uint32_t serial = first; serial != first + count;) {
    const std::uint32_t slot = serial % window_;
    if (slot % kWordBits == 0 && first + count - serial >= kWordBits) {
      bits_[slot / kWordBits] = 0;
      serial += kWordBits;
    } else {
      bits_[slot / kWordBits] &= ~(std::uint64_t{1} << (slot % kWordBits));
      ++serial;
    }
  }
}

}  // namespace sorrel::event
