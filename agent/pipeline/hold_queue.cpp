#include "pipeline/hold_queue.h"

#include <algorithm>
#include <utility>

namespace sorrel::agent {
namespace {

// Spare events that keep their memory; more give it back.
constexpr std::size_t kWarmSpares = 16;

}  // namespace

bool HoldQueue::holds(std::uint32_t pid) const noexcept {
  for (const auto& held : held_)
    if (held->pid == pid) return true;
  return false;
}

bool HoldQueue::push(event::Event& event, const Annotator::Lesson& lesson, std::uint64_t now_ns) {
  if (held_.size() >= options_.max_events || bytes_ + event.bytes() > options_.max_bytes) {
    counters_.full.add();
    return false;
  }
  std::unique_ptr<Held> held;
  if (spare_.empty()) {
    held = std::make_unique<Held>();
  } else {
    held = std::move(spare_.back());
    spare_.pop_back();
  }
  std::swap(held->event, event);
  held->pid = lesson.pid;
  held->ticket = lesson.ticket;
  held->wait = lesson.ticket != 0 ? Annotator::Wait::late : Annotator::Wait::queued;
  held->deadline_ns = now_ns + options_.wait_ns;
  held->bytes = held->event.bytes();
  bytes_ += held->bytes;
  if (lesson.ticket != 0) counters_.held.add();
  held_.push_back(std::move(held));
  return true;
}

event::Event* HoldQueue::answered(Ticket ticket) noexcept {
  for (const auto& held : held_) {
    if (held->ticket != ticket) continue;
    held->ticket = 0;
    held->wait = Annotator::Wait::answered;
    counters_.answered.add();
    return &held->event;
  }
  return nullptr;
}

bool HoldQueue::is_due(const Held& held, std::uint64_t now_ns) const noexcept {
  return held.ticket == 0 || held.deadline_ns <= now_ns;
}

void HoldQueue::release(std::uint64_t now_ns, const Done& done) {
  if (empty()) return;
  blocked_.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    std::unique_ptr<Held>& held = held_[i];
    if (std::ranges::find(blocked_, held->pid) == blocked_.end() && is_due(*held, now_ns)) {
      finish(std::move(held), done);
      continue;
    }
    blocked_.push_back(held->pid);
    if (kept != i) held_[kept] = std::move(held);
    ++kept;
  }
  held_.resize(kept);
}

void HoldQueue::finish(std::unique_ptr<Held> held, const Done& done) {
  if (held->ticket != 0) counters_.late.add();
  bytes_ -= held->bytes;
  done(held->event, held->wait);
  held->event.clear();
  if (spare_.size() >= kWarmSpares) held->event.release_memory();
  spare_.push_back(std::move(held));
}

std::uint64_t HoldQueue::next_deadline_ns() const noexcept {
  // All wait equally long, so the first that waits is the first whose time is over.
  for (const auto& held : held_)
    if (held->ticket != 0) return held->deadline_ns;
  return UINT64_MAX;
}

}  // namespace sorrel::agent
