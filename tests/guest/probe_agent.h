#pragma once

#include <linux/audit.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "event/serial_holes.h"
#include "input/kernel_source.h"
#include "netlink/control_socket.h"
#include "netlink/event_socket.h"
#include "netlink/heartbeat.h"
#include "netlink/message.h"
#include "netlink/netlink_socket.h"
#include "netlink/registration.h"

// What the steps of netlink_probe share.
namespace sorrel::netlink::probe {

inline constexpr std::uint32_t kSmallBuffer = 106'496;  // half of the usual net.core.rmem_default
inline constexpr std::uint32_t kLargeBuffer = 16u << 20;

inline int failures = 0;

inline void check(bool ok, const std::string& what, const std::string& figures = {}) {
  std::printf("%-4s %s%s%s\n", ok ? "ok" : "FAIL", what.c_str(), figures.empty() ? "" : ": ",
              figures.c_str());
  std::fflush(stdout);
  if (!ok) ++failures;
}

template <class T>
T must(Result<T> result, const char* what) {
  if (result) return std::move(*result);
  std::printf("FAIL %s: %s\n", what, result.error().to_string().c_str());
  std::exit(1);
}

inline std::string number(std::uint64_t value) {
  return std::to_string(value);
}

inline std::uint64_t cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& t) {
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(t.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

// One agent's netlink side: what the daemon will own.
struct Agent {
  SystemClock clock;
  EventSocket events;
  ControlSocket control;
  HeartbeatWatch watch;
  input::KernelSource source{events, clock, &watch};
  event::SerialHoles holes;
  input::Batch batch;
  std::uint64_t records = 0;
  std::uint64_t calls = 0;  // of getppid

  explicit Agent(std::uint32_t buffer_bytes)
      : events(must(NetlinkSocket::open({.receive_buffer_bytes = buffer_bytes}), "open events")),
        control(must(NetlinkSocket::open({}), "open control"), clock),
        watch(must(random_nonce(), "nonce"), static_cast<std::uint32_t>(::getpid())) {}

  RegistrationOptions options() const {
    Options defaults;
    return registration_options(defaults, false);
  }
  KernelStatus status() { return must(control.status(), "status"); }

  void drain() {
    for (;;) {
      const auto state = must(source.read(batch), "read");
      for (const auto& d : batch) {
        ++records;
        // Other calls are in it when a process changes the audit configuration.
        calls += d.type == record::type::kSyscall &&
                 d.payload.find(" syscall=" + number(SYS_getppid) + " ") != std::string_view::npos;
        const std::size_t colon = d.payload.find(':');
        const std::size_t dot = d.payload.find('.');
        EventId id;
        id.seconds = std::strtoull(d.payload.data() + 6, nullptr, 10);
        id.milliseconds =
            static_cast<std::uint16_t>(std::strtoul(d.payload.data() + dot + 1, nullptr, 10));
        id.serial = std::strtoull(d.payload.data() + colon + 1, nullptr, 10);
        holes.record(d.type, id, d.received_ns);
      }
      if (state == input::ReadState::idle) return;
    }
  }
  // Sends a heartbeat and reads until it is back. Microseconds, or 0 when it did not come.
  std::uint64_t beat(std::uint64_t sequence, std::uint32_t limit_ms = 5'000) {
    const std::uint64_t start = clock.monotonic_ns();
    auto sent =
        control.send_user_message(message::kTrustedApp, heartbeat_text(watch.nonce(), sequence));
    if (!sent) std::printf("     %s\n", sent.error().to_string().c_str());
    while (watch.last_seen() < sequence) {
      if (clock.monotonic_ns() - start > limit_ms * std::uint64_t{1'000'000}) return 0;
      drain();
    }
    return (clock.monotonic_ns() - start) / 1'000;
  }
  std::uint64_t missing() {
    holes.finish(clock.realtime_ns());
    return holes.lost() - holes.late();
  }
};

// -a always,exit -S getppid
inline void add_getppid_rule(Agent& agent) {
  audit_rule_data rule{};
  rule.flags = AUDIT_FILTER_EXIT;
  rule.action = AUDIT_ALWAYS;
  rule.mask[AUDIT_WORD(SYS_getppid)] |= AUDIT_BIT(SYS_getppid);
  const auto added = agent.control.request(message::kAddRule,
                                           std::as_bytes(std::span(&rule, 1)).first(sizeof rule));
  check(added.has_value(), "a rule on getppid", added ? "" : added.error().to_string());
}

// A child that makes `count` audited calls: its own are audited, the registered process's are not.
inline pid_t start_storm(std::uint32_t count) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (std::uint32_t i = 0; i < count; ++i) ::syscall(SYS_getppid);
    ::_exit(0);
  }
  return child;
}

// The same, to its end; `meanwhile` is called over and over, when there is one.
inline void storm(std::uint32_t count, const std::function<void()>& meanwhile) {
  const pid_t child = start_storm(count);
  while (::waitpid(child, nullptr, meanwhile ? WNOHANG : 0) == 0) meanwhile();
}

}  // namespace sorrel::netlink::probe
