#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/event_id.h"
#include "event/loss.h"
#include "record/record_type.h"

namespace sorrel::event {

struct SerialHolesOptions {
  std::uint32_t timeout_ms = 2'000;  // a serial this late is lost: the event timeout
  std::uint32_t window = 1u << 18;   // serials remembered; a power of two, 2^10..2^24
};

// Finds holes in the kernel's serials. The kernel numbers events with a dense 32-bit counter
// (kernel/audit.c, audit_serial()), so a number that never arrives is an event that was lost,
// whether or not the kernel admits it. Serials arrive out of order (events interleave, and a long
// system call ends late), so a missing one is judged only when the timeout has passed, by the
// receive clock, since a later one was seen; or when the window is full.
//
// Only for input that holds every record: the kernel and .audrec recordings, never a text log.
// A jump back with newer stamps, far back, or far ahead that later records confirm is a new
// sequence (the recording spans a reboot), not a loss.
//
// One thread. Memory: window / 8 bytes, allocated once; record() allocates nothing.
class SerialHoles {
 public:
  explicit SerialHoles(const SerialHolesOptions& options = {});

  // The last serial of the previous run of the same boot, and when it was received: what lies
  // between it and the first record is lost with cause restart. Call before the first record.
  void continue_after(std::uint32_t last_serial, std::uint64_t received_ns) noexcept;

  // One record, in the order received. DAEMON_* records and ours are passed over: their serials
  // are not the kernel's.
  void record(record::RecordType type, const EventId& id, std::uint64_t received_ns) noexcept {
    if (id.serial == last_serial_ || !counts(type)) return;
    add(static_cast<std::uint32_t>(id.serial), id.time_ms(), received_ns);
    last_serial_ = id.serial;
  }

  // Moves the time on, without a record; call it now and then, and when idle.
  void advance(std::uint64_t now_ns) noexcept;
  // Judges everything that is missing, timeout or not: the input has ended.
  void finish(std::uint64_t now_ns) noexcept;

  // What was judged lost since the last call: one report a cause. Nothing in most calls.
  std::optional<LossReport> take_report();

  // The highest serial seen, to be kept for continue_after() of the next run.
  std::optional<std::uint32_t> highest() const noexcept;

  // Totals. Lost counts less what came late would be the truth; late ones are rare.
  std::uint64_t lost() const noexcept { return lost_; }
  std::uint64_t late() const noexcept { return late_; }            // came after it was judged lost
  std::uint64_t sequences() const noexcept { return sequences_; }  // 1, and 1 more a reboot

 private:
  // At mark.time_ns everything below mark.serial had been seen or was missing.
  struct Mark {
    std::uint32_t serial = 0;
    std::uint64_t time_ns = 0;
  };
  // Losses of one cause that were judged and not yet taken.
  struct Pending {
    std::uint64_t count = 0;
    std::uint64_t since_ns = 0;
    std::uint64_t until_ns = 0;
    std::uint32_t first = 0;  // the first and the last missing serial
    std::uint32_t last = 0;
  };
  static constexpr std::size_t kMarks = 16;
  static constexpr std::size_t kStrays = 16;

  static constexpr bool counts(record::RecordType type) noexcept {
    return type < record::type::kFirstOwn &&
           (type < record::type::kFirstDaemon || type > record::type::kLastDaemon);
  }

  void add(std::uint32_t serial, std::uint64_t time_ms, std::uint64_t now_ns) noexcept;
  void begin(std::uint32_t serial) noexcept;
  void extend_to(std::uint32_t serial, std::uint64_t now_ns) noexcept;
  void add_behind(std::uint32_t serial, std::uint64_t time_ms, std::uint64_t now_ns) noexcept;
  void stray(std::uint32_t serial, bool was_late, std::uint64_t now_ns) noexcept;
  void judge_below(std::uint32_t limit, std::uint64_t until_ns) noexcept;
  void lose(std::uint32_t first, std::uint32_t count, std::uint64_t until_ns) noexcept;
  static void note(Pending& pending, std::uint32_t first, std::uint32_t count,
                   std::uint64_t since_ns, std::uint64_t until_ns) noexcept;
  bool test(std::uint32_t serial) const noexcept;
  void set(std::uint32_t serial) noexcept;
  void clear_range(std::uint32_t first, std::uint32_t count) noexcept;

  std::uint32_t window_;
  std::uint64_t timeout_ns_;
  std::vector<std::uint64_t> bits_;  // serial modulo window: seen
  std::uint64_t last_serial_ = UINT64_MAX;
  bool begun_ = false;
  std::uint32_t base_ = 0;            // everything below is judged
  std::uint32_t next_ = 0;            // one more than the highest seen
  std::uint64_t newest_time_ms_ = 0;  // the newest stamp of the sequence
  // Serials below this are not ours to judge: they were given before we came.
  std::optional<std::uint32_t> floor_;
  // Serials from here to restart_end_ were missed while we were away.
  bool continues_ = false;
  std::optional<std::uint32_t> restart_end_;
  std::uint64_t restart_since_ns_ = 0;
  std::uint64_t restart_until_ns_ = 0;
  std::array<Mark, kMarks> marks_{};
  std::size_t mark_count_ = 0;
  std::uint64_t next_mark_ns_ = 0;
  std::uint64_t judged_until_ns_ = 0;  // the time of the newest judged mark
  std::array<std::uint32_t, kStrays> strays_{};
  std::size_t stray_count_ = 0;
  std::uint64_t stray_since_ns_ = 0;
  std::uint64_t stray_late_ = 0;
  Pending holes_;
  Pending restart_;
  std::uint64_t lost_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t sequences_ = 0;
};

}  // namespace sorrel::event
