#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "base/fd.h"
#include "base/result.h"

namespace sorrel::agent {

// Lets one thread sleep until another has something for it, at the price of a system call only when
// it does sleep. The sleeper:
//
//   wakeup.prepare();                      // from here on notify() rings
//   if (nothing to do) wakeup.wait(...);   // look again after prepare(), or a wake-up is lost
//   wakeup.cancel();
//
// and whoever has work for it makes that visible first (publish, store), then calls notify().
// Both sides exchange the same flag, so one of them always sees what the other did before.
class Wakeup {
 public:
  static constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();

  // Errors: no descriptor is left (eventfd(2)).
  static Result<Wakeup> create();
  Wakeup(Wakeup&& other) noexcept : event_(std::move(other.event_)) {}

  void prepare() noexcept { sleeping_.exchange(true); }
  // Sleeps until notify(), until `fd` is readable (-1: there is none), or for `timeout_ns`.
  // True when `fd` is readable, hung up or broken.
  bool wait(std::uint64_t timeout_ns, int fd = -1) noexcept;
  void cancel() noexcept { sleeping_.exchange(false); }

  // Any thread.
  void notify() noexcept {
    if (sleeping_.exchange(false)) ring();
  }

 private:
  explicit Wakeup(Fd event) noexcept : event_(std::move(event)) {}
  void ring() noexcept;

  Fd event_;
  std::atomic<bool> sleeping_{false};
};

}  // namespace sorrel::agent
