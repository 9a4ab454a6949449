#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

#include "base/byte_ring.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/result.h"
#include "input/source.h"
#include "sorreld/channel.h"
#include "sorreld/nap.h"

namespace sorrel::agent {

struct IntakeOptions {
  // Called when the ring is full. True: what feeds the source cannot hold more, so records are read
  // and dropped, with a count, rather than stop a process of the host. Empty: the source waits, as
  // a file can.
  std::function<bool()> must_drop;
  // What feeds the source queues so many bytes for us, by the kernel's count; it bounds naps.
  // 0: no naps, as for inputs that are not live.
  std::uint64_t queue_bytes = 0;
  // A failing source is broken (the kernel's socket). Otherwise it is read on: one file of several
  // may be damaged.
  bool error_ends = true;
};

// Written by the intake thread, read by any.
struct IntakeCounters {
  Counter records;   // put into the ring
  Counter dropped;   // lost: the ring was full and the source could not wait
  Counter oversize;  // lost: larger than a quarter of the ring
  Counter errors;    // reads that failed
  Counter naps;
};

// Moves datagrams from a source into the ring, in batches, and nothing else: it is the thread that
// must never be late. It waits with poll(2) rather than with a reactor: one descriptor, one
// deadline, and one system call a wake-up instead of two.
//
// The pipeline's thread is woken when it has something to do: at the end of an event, or when much
// has gathered. The records of a system call that is still being told can wait.
class Intake {
 public:
  // All must outlive the intake.
  Intake(input::Source& source, Channel& channel, const Clock& clock, IntakeOptions options);

  // The thread's function. Returns when the source has ended or broken, or after stop().
  void run();

  // Any other thread. Makes run() return after the batch in hand.
  void stop() noexcept;
  // Waits until everything that the source had at the time of the call is in the ring, at most
  // `timeout_ms`. False: the time was not enough.
  bool drain(std::uint32_t timeout_ms);

  // The last error of the source, once the channel is closed. An empty message: there was none.
  const Error& error() const noexcept { return error_; }
  const IntakeCounters& counters() const noexcept { return counters_; }

 private:
  bool put_batch();
  bool put(const record::Datagram& datagram);
  bool wait_for_room(std::size_t size);
  void announce();
  void rest();
  void finish_drain(std::uint64_t request);

  input::Source& source_;
  Channel& channel_;
  ByteRing& ring_;
  const Clock& clock_;
  const IntakeOptions options_;
  IntakeCounters counters_;
  input::Batch batch_;
  std::uint64_t put_ = 0;  // records of the batch that are in the ring
  std::size_t unannounced_bytes_ = 0;
  bool is_prompt_ = false;  // what is unannounced has the end of an event
  RateGauge rate_;
  Error error_;
  std::atomic<bool> stop_{false};

  std::atomic<std::uint64_t> drain_request_{0};
  std::mutex drain_mutex_;
  std::condition_variable drain_done_;
  std::uint64_t drained_ = 0;  // the newest request that is done; under the mutex
};

}  // namespace sorrel::agent
