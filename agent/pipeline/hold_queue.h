#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/counter.h"
#include "event/event.h"
#include "pipeline/annotator.h"

namespace sorrel::agent {

struct HoldOptions {
  std::uint64_t wait_ns = 5'000'000;  // an event waits no longer for its answer
  std::size_t max_events = 256;
  std::size_t max_bytes = std::size_t{8} << 20;
};

struct HoldCounters {
  Counter held;      // events that waited for an answer
  Counter answered;  // ... and got it in time
  Counter late;      // ... and went out without it
  Counter full;      // events that should have waited, and there was no room
};

// Events that wait, off the line, until the host has answered a question about their process.
// Events of other processes pass them; those of the same process queue up behind, so that within a
// process the order of the stream is kept. Bounded in time, number and bytes.
class HoldQueue {
 public:
  explicit HoldQueue(const HoldOptions& options) : options_(options) {}

  bool empty() const noexcept { return held_.empty(); }
  // True when an event of this process waits: the next one of it has to queue up.
  bool holds(std::uint32_t pid) const noexcept;
  // Takes the event, and gives a spare one in its place. `ticket` 0: it only queues up. False:
  // there is no room, the event stays with the caller.
  bool push(event::Event& event, const Annotator::Lesson& lesson, std::uint64_t now_ns);
  // The event that waits for `ticket`, if it still does. It no longer waits after this.
  event::Event* answered(Ticket ticket) noexcept;
  // Gives each event that need not wait any more to `done`, in order; with Wait::answered it is one
  // that answered() has given out. The event is cleared after the call.
  using Done = std::function<void(event::Event& event, Annotator::Wait wait)>;
  void release(std::uint64_t now_ns, const Done& done);
  // All of them, answered or not: the input has ended, or the annotator changes.
  void release_all(const Done& done) { release(UINT64_MAX, done); }
  // When release() has something to do though no answer comes; UINT64_MAX: never.
  std::uint64_t next_deadline_ns() const noexcept;

  const HoldCounters& counters() const noexcept { return counters_; }

 private:
  struct Held {
    event::Event event;
    std::uint32_t pid = 0;
    Ticket ticket = 0;  // 0: waits for no answer (any more)
    Annotator::Wait wait = Annotator::Wait::queued;
    std::uint64_t deadline_ns = 0;
    std::size_t bytes = 0;
  };

  bool is_due(const Held& held, std::uint64_t now_ns) const noexcept;
  void finish(std::unique_ptr<Held> held, const Done& done);

  const HoldOptions options_;
  HoldCounters counters_;
  std::vector<std::unique_ptr<Held>> held_;  // in the order of arrival
  std::vector<std::unique_ptr<Held>> spare_;
  std::vector<std::uint32_t> blocked_;  // of release(): the processes whose events stay
  std::size_t bytes_ = 0;
};

}  // namespace sorrel::agent
