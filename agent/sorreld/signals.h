#pragma once

#include <signal.h>

#include <cstdint>
#include <optional>

#include "base/fd.h"
#include "base/result.h"

namespace sorrel::agent {

struct ReceivedSignal {
  int number = 0;
  std::uint32_t pid = 0;  // of the sender; 0: the kernel's
  std::uint32_t uid = 0;
};

// The signals of the daemon, read from a descriptor, since that tells who sent them. They are
// blocked in this thread and those that it starts: construct it before them.
// Handled: SIGTERM, SIGINT, SIGHUP, SIGUSR1. SIGPIPE and SIGUSR2 (auditd's "resume") are ignored.
class Signals {
 public:
  // Errors: no descriptor is left (signalfd(2)).
  static Result<Signals> block();
  // Unblocks them; those that have arrived meanwhile take effect.
  ~Signals();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;

  int fd() const noexcept { return fd_.get(); }
  // The next one that has arrived, without waiting.
  std::optional<ReceivedSignal> next() noexcept;
  // From now on SIGTERM and SIGINT end the process at once.
  void let_terminate() noexcept;

 private:
  Signals(Fd fd, const sigset_t& previous) noexcept : fd_(std::move(fd)), previous_(previous) {}

  Fd fd_;
  sigset_t previous_;  // the mask to be restored
};

}  // namespace sorrel::agent
