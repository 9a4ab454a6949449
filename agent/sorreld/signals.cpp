#include "sorreld/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace sorrel::agent {

Result<Signals> Signals::block() {
  sigset_t handled;
  sigset_t previous;
  ::sigemptyset(&handled);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) ::sigaddset(&handled, number);
  ::pthread_sigmask(SIG_BLOCK, &handled, &previous);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGUSR2, SIG_IGN);
  Fd fd(::signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail_errno(errno, "cannot make a signalfd");
  return Signals(std::move(fd), previous);
}

Signals::Signals(Signals&& other) noexcept
    : fd_(std::move(other.fd_)), previous_(other.previous_) {}

Signals::~Signals() {
  if (fd_) ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

std::optional<ReceivedSignal> Signals::next() noexcept {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return ReceivedSignal{
      .number = static_cast<int>(info.ssi_signo), .pid = info.ssi_pid, .uid = info.ssi_uid};
}

void Signals::let_terminate() noexcept {
  sigset_t ending;
  ::sigemptyset(&ending);
  ::sigaddset(&ending, SIGTERM);
  ::sigaddset(&ending, SIGINT);
  ::pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
}

}  // namespace sorrel::agent
