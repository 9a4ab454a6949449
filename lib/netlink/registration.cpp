#include "netlink/registration.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/fd.h"

namespace sorrel::netlink {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
// A daemon that is being restarted leaves the pid free for a moment; it must stay free for two
// polls before we take it.
constexpr std::uint32_t kFreeObservations = 2;
constexpr std::uint64_t kFirstRetryNs = 60 * kNsPerSecond;
constexpr std::uint64_t kLongestRetryNs = 600 * kNsPerSecond;

// The process's name, or an empty text when there is no such process.
std::string read_comm(const std::string& proc_root, std::uint32_t pid) {
  const std::string path = proc_root + "/" + std::to_string(pid) + "/comm";
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  std::array<char, 64> text;
  const ssize_t length = ::read(fd.get(), text.data(), text.size());
  if (length <= 0) return {};
  std::string name(text.data(), static_cast<std::size_t>(length));
  while (!name.empty() && name.back() == '\n') name.pop_back();
  // A process may call itself anything; this goes into a log line.
  for (char& c : name) {
    if (c < ' ' || c > '~') c = '?';
  }
  return name;
}

// The target of a symbolic link, or an empty text.
std::string read_link(const std::string& path) {
  std::array<char, 64> text;
  const ssize_t length = ::readlink(path.c_str(), text.data(), text.size());
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

std::string how_to_stop(const std::string& comm) {
  if (comm == "auditd") return "stop it (service auditd stop; systemctl disable auditd)";
  if (comm == "sorreld") return "stop it (systemctl stop sorreld)";
  return "stop it";
}

}  // namespace

const char* state_name(RegistrationState state) noexcept {
  switch (state) {
    case RegistrationState::unregistered:
      return "unregistered";
    case RegistrationState::registered:
      return "registered";
    case RegistrationState::multicast:
      return "multicast";
    case RegistrationState::lost:
      return "lost";
  }
  return "unknown";
}

RegistrationOptions registration_options(const Options& options, bool read_only) {
  return {.read_only = read_only,
          .fall_back_to_multicast = options.fall_back_to_multicast,
          .take_over_when_free = options.take_over_when_free,
          .own_pid = static_cast<std::uint32_t>(::getpid()),
          .proc_root = "/proc"};
}

Registration::Registration(EventSocket& events, ControlSocket& control, const Clock& clock,
                           RegistrationOptions options)
    : events_(events),
      control_(control),
      clock_(clock),
      options_(std::move(options)),
      attempt_interval_ns_(kFirstRetryNs) {}

// Whether it was accepted is asked, not awaited. The request is made even when the pid in the
// status is ours or dead already: it makes the kernel test the old connection and drop a dead one.
Result<std::uint32_t> Registration::try_register() {
  if (auto sent = events_.request_registration(options_.own_pid); !sent) {
    return Unexpected<Error>(std::move(sent).error());
  }
  auto status = control_.status();
  if (!status) return Unexpected<Error>(std::move(status).error());
  holder_pid_ = status->pid == options_.own_pid ? 0 : status->pid;
  return status->pid;
}

// Returns a warning for the reason of the change; empty when all is well.
Result<std::string> Registration::join() {
  if (auto joined = events_.join_multicast(); !joined) {
    return Unexpected<Error>(std::move(joined).error());
  }
  const std::string own = read_link(options_.proc_root + "/self/ns/net");
  const std::string host = read_link(options_.proc_root + "/1/ns/net");
  if (own.empty() || host.empty() || own == host) return std::string();
  return std::string(
      "; but the kernel sends copies to the host's network namespace only, and this is another");
}

RegistrationChange Registration::change_to(RegistrationState state, std::string reason) {
  return {.from = std::exchange(state_, state),
          .to = state,
          .holder_pid = holder_pid_,
          .reason = std::move(reason)};
}

std::string Registration::describe_holder(std::uint32_t pid) const {
  if (pid == 0) return "the kernel did not accept the registration, though no other process has it";
  const std::string comm = read_comm(options_.proc_root, pid);
  if (comm.empty()) {
    return "process " + std::to_string(pid) +
           ", which has ended, is still registered for the audit events: its socket is open in "
           "another process (a child that inherited it, or systemd's descriptor store)";
  }
  return comm + " (pid " + std::to_string(pid) + ") already reads the audit events; " +
         how_to_stop(comm) + " or set input: multicast";
}

Result<RegistrationChange> Registration::start() {
  if (options_.read_only) {
    auto joined = join();
    if (!joined) return Unexpected<Error>(std::move(joined).error());
    return change_to(RegistrationState::multicast,
                     "reading the multicast copies, as configured" + *joined);
  }
  auto pid = try_register();
  if (pid && *pid == options_.own_pid) {
    return change_to(RegistrationState::registered, "registered for the audit events");
  }
  Error error = pid ? Error{std::make_error_code(std::errc::file_exists), describe_holder(*pid)}
                    : std::move(pid).error();
  if (!options_.fall_back_to_multicast) return Unexpected<Error>(std::move(error));
  const auto joined = join();
  if (!joined) {
    error.message += "; and " + joined.error().to_string();
    return Unexpected<Error>(std::move(error));
  }
  return change_to(RegistrationState::multicast,
                   error.message + "; reading the multicast copies instead" + *joined);
}

std::optional<RegistrationChange> Registration::observe(const KernelStatus& status) {
  const bool ours = status.pid == options_.own_pid;
  switch (state_) {
    case RegistrationState::unregistered:
      return std::nullopt;
    case RegistrationState::registered:
      if (ours) return std::nullopt;
      return recover(status);
    case RegistrationState::lost:
      return recover(status);
    case RegistrationState::multicast:
      if (options_.read_only) return std::nullopt;
      holder_pid_ = status.pid;
      return options_.take_over_when_free ? take_over(status) : std::nullopt;
  }
  return std::nullopt;
}

// The kernel forgets a daemon whose socket was full for too long (before Linux 4.14), and lets any
// process take the pid (before Linux 4.7).
std::optional<RegistrationChange> Registration::recover(const KernelStatus& status) {
  std::string reason = "the kernel had dropped our registration";
  if (status.pid != 0) {
    reason = "process " + std::to_string(status.pid) + " took our registration";
  }
  const auto pid = try_register();
  if (pid && *pid == options_.own_pid) {
    return change_to(RegistrationState::registered, reason + "; registered again");
  }
  reason += "; " + (pid ? describe_holder(*pid) : pid.error().to_string());
  if (options_.fall_back_to_multicast) {
    const auto joined = join();
    if (joined) {
      return change_to(RegistrationState::multicast,
                       reason + "; reading the multicast copies instead" + *joined);
    }
    reason += "; and " + joined.error().to_string();
  }
  if (state_ == RegistrationState::lost) return std::nullopt;  // said already
  return change_to(RegistrationState::lost, std::move(reason));
}

std::optional<RegistrationChange> Registration::take_over(const KernelStatus& status) {
  const bool is_free = status.pid == 0 || holder_is_gone(status.pid);
  free_observations_ = is_free ? free_observations_ + 1 : 0;
  if (free_observations_ < kFreeObservations) return std::nullopt;
  const std::uint64_t now_ns = clock_.monotonic_ns();
  if (now_ns < next_attempt_ns_) return std::nullopt;
  const auto pid = try_register();
  if (!pid || *pid != options_.own_pid) {
    // Each refused attempt is a record in everyone's log: do not repeat it often.
    next_attempt_ns_ = now_ns + attempt_interval_ns_;
    attempt_interval_ns_ = std::min(2 * attempt_interval_ns_, kLongestRetryNs);
    return std::nullopt;
  }
  attempt_interval_ns_ = kFirstRetryNs;
  free_observations_ = 0;
  std::string reason = "the audit pid was free; registered";
  // Only now: between the two the event socket drops what it gets twice, and nothing is missed.
  if (const auto left = events_.leave_multicast(); !left) {
    reason += ", but " + left.error().to_string();
  }
  return change_to(RegistrationState::registered, std::move(reason));
}

bool Registration::holder_is_gone(std::uint32_t pid) const {
  const std::string path = options_.proc_root + "/" + std::to_string(pid);
  return ::access(path.c_str(), F_OK) != 0 && errno == ENOENT;
}

Status Registration::stop(const std::function<void()>& flush, const std::function<void()>& drain) {
  const RegistrationState was = std::exchange(state_, RegistrationState::unregistered);
  if (was == RegistrationState::multicast) {
    auto left = events_.leave_multicast();
    drain();
    return left;
  }
  if (was != RegistrationState::registered) return Ok{};
  flush();
  drain();
  // On the control socket: to let go, the kernel compares the process, not the socket.
  auto released = control_.set(Setting::pid, 0);
  const auto status = control_.status();
  drain();
  if (status && status->pid != options_.own_pid) return Ok{};
  if (!released) return released;
  if (!status) return Unexpected<Error>(status.error());
  return fail(std::errc::device_or_resource_busy,
              "the kernel still shows this process as the registered audit daemon");
}

}  // namespace sorrel::netlink
