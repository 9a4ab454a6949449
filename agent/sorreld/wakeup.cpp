#include "sorreld/wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace sorrel::agent {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

}  // namespace

Result<Wakeup> Wakeup::create() {
  Fd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) return fail_errno(errno, "cannot make an eventfd to wake a thread with");
  return Wakeup(std::move(event));
}

bool Wakeup::wait(std::uint64_t timeout_ns, int fd) noexcept {
  std::array<pollfd, 2> polled{{{.fd = event_.get(), .events = POLLIN, .revents = 0},
                                {.fd = fd, .events = POLLIN, .revents = 0}}};
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(timeout_ns / kNsPerSecond);
  timeout.tv_nsec = static_cast<long>(timeout_ns % kNsPerSecond);
  const int ready =
      ::ppoll(polled.data(), fd >= 0 ? 2 : 1, timeout_ns == kForEver ? nullptr : &timeout, nullptr);
  if (ready <= 0) return false;
  if (polled[0].revents != 0) {
    std::uint64_t rung = 0;
    [[maybe_unused]] const ssize_t taken = ::read(event_.get(), &rung, sizeof rung);
  }
  return polled[1].revents != 0;
}

// An eventfd that cannot take one more is readable already.
void Wakeup::ring() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
}

}  // namespace sorrel::agent
