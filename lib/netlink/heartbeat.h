#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace sorrel::netlink {

// A heartbeat is a record of ours that we send to the kernel and meet again in the stream:
//   type 1121 (TRUSTED_APP), msg='op=sorrel-heartbeat nonce=NONCE seq=N'
// It makes the kernel flush its retry queue, wakes writers that it forgot (a process may sleep in
// audit_log_start() for a minute though the backlog is empty), proves that records reach us, and
// gives a fresh serial to measure holes with.

// Names one run of the daemon, so that a record of another run, or a forged one, is not ours.
using Nonce = std::uint64_t;
Result<Nonce> random_nonce();

std::string heartbeat_text(Nonce nonce, std::uint64_t sequence);

// The sequence of a heartbeat of this run and process, or nothing for any other record. Looks at
// the payload only when `type` is 1121. The record must hold the message and nothing after it.
std::optional<std::uint64_t> parse_heartbeat(std::uint16_t type, std::string_view payload,
                                             Nonce nonce, std::uint32_t pid) noexcept;

// Where the thread that reads records tells the one that sends heartbeats what it saw.
class HeartbeatWatch {
 public:
  HeartbeatWatch(Nonce nonce, std::uint32_t pid) noexcept : nonce_(nonce), pid_(pid) {}

  // Reading thread: true when the record is a heartbeat of ours.
  bool see(std::uint16_t type, std::string_view payload) noexcept;
  // Any thread: the newest one seen; 0 before the first.
  std::uint64_t last_seen() const noexcept { return seen_.load(std::memory_order_acquire); }
  Nonce nonce() const noexcept { return nonce_; }

 private:
  Nonce nonce_;
  std::uint32_t pid_;
  std::atomic<std::uint64_t> seen_{0};
};

struct HeartbeatOptions {
  std::uint32_t calm_ms = 30'000;    // 0: no heartbeat at all
  std::uint32_t trouble_ms = 1'000;  // while something is wrong
  std::uint32_t overdue_ms = 10'000;
};

// Decides when to send. Pure: it only knows what it is told, and the clock.
//
// Trouble (an overrun, a loss, writers that had to wait, a heartbeat that is overdue) makes it send
// every trouble_ms until kCalmBeats in a row came back without new trouble.
class HeartbeatScheduler {
 public:
  static constexpr std::uint32_t kCalmBeats = 10;

  HeartbeatScheduler(const HeartbeatOptions& options, const Clock& clock) noexcept;

  // True when one has to be sent now. The first is due at once.
  bool due() const noexcept;
  // Call after sending. The sequence to send with is next_sequence() before this call.
  void sent() noexcept;
  std::uint64_t next_sequence() const noexcept { return sequence_ + 1; }
  // Call with HeartbeatWatch::last_seen(), as often as you like.
  void seen(std::uint64_t sequence) noexcept;
  // Something went wrong: the next heartbeat is due trouble_ms after the last.
  void note_trouble() noexcept;

  // One was sent overdue_ms ago and did not come back: ask the kernel who is registered. When we
  // still are, audit is off or a rule excludes the type (see excuse()).
  bool overdue() const noexcept;
  // The missing one is explained: stop waiting for it, without calling it trouble.
  void excuse() noexcept;

  bool in_trouble() const noexcept { return calm_beats_left_ != 0; }
  // Milliseconds until due() or overdue() can change; for a timer.
  std::uint32_t next_check_ms() const noexcept;

 private:
  std::uint64_t interval_ns() const noexcept;

  HeartbeatOptions options_;
  const Clock& clock_;
  std::uint64_t sequence_ = 0;          // of the newest sent
  std::uint64_t seen_ = 0;              // the newest that came back or was excused
  std::uint64_t sent_ns_ = 0;           // when the newest was sent
  std::uint64_t waiting_since_ns_ = 0;  // when the oldest that is missing was sent
  std::uint32_t calm_beats_left_ = 0;
};

}  // namespace sorrel::netlink
