#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/counter.h"
#include "event/event.h"
#include "event/flight.h"
#include "event/id_table.h"
#include "event/options.h"
#include "record/datagram.h"
#include "record/parser.h"

namespace sorrel::event {

// Takes events from the assembler, each once, in the order of their release. The event may be
// annotated, or swapped for another by who wants to keep it; it is cleared and reused after the
// call.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  virtual void on_event(Event& event) = 0;
  // The first record of an id that was not in flight: each serial of the stream comes here, in the
  // order received. `received_ns` is the datagram's.
  virtual void on_started(const EventId& id, record::RecordType type, std::uint64_t received_ns) {
    static_cast<void>(id), static_cast<void>(type), static_cast<void>(received_ns);
  }
  // A line of text that is no audit record.
  virtual void on_unparsed(const record::Datagram& datagram) = 0;
};

// What an input's time is.
enum class TimeBase : std::uint8_t {
  live,    // set_time() gives a monotonic clock; records come when they happen
  stored,  // a file: the newest stamp, or receive time, seen so far
};

struct AssemblerCounters {
  Counter records;    // taken in
  Counter events;     // given to the handler
  Counter unparsed;   // lines that are no record
  Counter timed_out;  // events released without their end, by cause
  Counter evicted;
  Counter ended;
  Counter dropped_records;  // by the limits of one event
  Counter late_events;      // parts of an event that had been released before
};

// Groups records by (node, stamp, serial) into events, whatever order they come in.
//
// An event ends with its EOE record. Without one: a record that is always alone ends at once; a
// user message waits a little for the SYSCALL record that may share its id; in a file, where auditd
// leaves EOE out, PROCTITLE is the last record but may be followed by late ones, so it waits for a
// number of further records; anything else waits for the timeout. Memory is bounded by Options.
// Source: linux/kernel/auditsc.c, audit_log_exit(); reference for the classes: docs/events.md.
class Assembler {
 public:
  Assembler(const Options& options, TimeBase time_base, EventHandler& handler);

  // Live: the monotonic clock, once a batch.
  void set_time(std::uint64_t now_ns) noexcept { now_ns_ = now_ns; }
  void add(const record::Datagram& datagram);
  // Releases what has waited long enough. Called by add() as well.
  void release_due();
  // The time at which release_due() has something to do; UINT64_MAX when nothing waits.
  std::uint64_t next_deadline_ns() const noexcept;
  // The input has ended: releases everything, oldest first.
  void flush();

  const AssemblerCounters& counters() const noexcept { return counters_; }
  std::size_t events_in_flight() const noexcept { return table_.size(); }
  std::size_t bytes_in_flight() const noexcept { return bytes_; }

 private:
  Flight& find_or_start(const EventId& id, const record::Datagram& datagram);
  Flight& start(const EventId& id, std::uint64_t hash, const record::Datagram& datagram);
  void append(Flight& flight, const record::Datagram& datagram, std::size_t body_offset);
  void add_record(Flight& flight, const record::Datagram& datagram, std::size_t body_offset);
  bool over_event_limits(const Event& event) const noexcept;
  void update_linger(Flight& flight, record::RecordType type);
  void release(Flight& flight, Incomplete reason);
  void evict_to_limits(const Flight& keep);
  bool lacks_its_end(const Event& event) const noexcept;
  std::uint32_t part_of(std::uint64_t hash);
  bool has_last_stamp(const char* payload) const noexcept;
  void observe_stored_time(const record::Datagram& datagram, const EventId& id);

  static constexpr std::size_t kRecentIds = 1024;  // power of two

  const Options options_;
  const TimeBase time_base_;
  EventHandler& handler_;
  record::Parser parser_;
  AssemblerCounters counters_;
  std::uint64_t now_ns_ = 0;
  std::uint64_t records_seen_ = 0;
  std::size_t bytes_ = 0;
  bool saw_eoe_ = false;

  std::vector<std::unique_ptr<Flight>> flights_;  // all that exist, used or free
  std::vector<Flight*> free_;
  std::size_t bare_ = 0;  // so many at the front of free_ hold no memory
  IdTable table_;
  FlightList<Flight::kByAge> by_age_;         // all in flight, oldest first
  FlightList<Flight::kLingering> lingering_;  // perhaps complete, in the order of their limit

  // The stamp of the last record, as text: most records share their stamp with the one before.
  Flight* last_ = nullptr;
  static constexpr std::size_t kStampHalf = 16;
  std::array<char, 2 * kStampHalf> last_stamp_{};
  std::size_t last_stamp_size_ = 0;

  struct Recent {
    std::uint64_t hash = 0;
    std::uint32_t events = 0;
  };
  std::vector<Recent> recent_;
};

}  // namespace sorrel::event
