#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "event/event.h"
#include "host/exe_hash.h"

namespace sorrel::agent {

// A question to the host about one event's process, until it is answered. 0 is none.
using Ticket = std::uint64_t;

// What was found out of an exec when its event had gone out.
struct LateAnswer {
  std::string event_id;
  std::uint32_t pid = 0;
  std::string exe;
  host::Sha256 digest{};
};

// Fills an event's annotation slots before it is encoded. All on the pipeline's thread.
class Annotator {
 public:
  struct Lesson {
    std::uint32_t pid = 0;  // whose event it is; 0: nobody's
    Ticket ticket = 0;      // not 0: the event is worth waiting for next_answer() to return this
  };

  virtual ~Annotator() = default;

  // Takes in what the event tells of processes. Called for each event, in the order of the stream,
  // and before annotate(): by then events of other processes may have been annotated.
  virtual Lesson learn(event::Event& event) {
    static_cast<void>(event);
    return {};
  }
  // Whether the event waited, and for what.
  enum class Wait : std::uint8_t {
    none,      // it goes out at once
    queued,    // it stood behind another one of its process
    answered,  // next_answer() has just returned its ticket
    late,      // the answer did not come in time
  };
  virtual void annotate(event::Event& event, Wait wait) = 0;
  // The questions that learn() had are put now: the batch of events is over.
  virtual void end_of_batch() {}
  // The next of the questions that has an answer. Until the next call, annotate() for its event
  // (and no other) uses what came with it.
  virtual std::optional<Ticket> next_answer() { return std::nullopt; }
  virtual bool has_answers() const { return false; }
  // After next_answer() returned the ticket of an event that waits no more: what is worth an event
  // of its own.
  virtual std::optional<LateAnswer> late_answer() { return std::nullopt; }
  // Once a second: what is to be done from time to time. `time_ns`: as the events have it.
  virtual void tick(std::uint64_t time_ns) { static_cast<void>(time_ns); }
};

}  // namespace sorrel::agent
