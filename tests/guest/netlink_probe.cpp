// Exercises lib/netlink against a real kernel: registration and its rivals, settings, heartbeat,
// storms, stalls, overruns, restarts, locking. It CHANGES the kernel's audit state and locks it at
// the end, so it runs as root in a throw-away guest only; it refuses to run unless the kernel's
// command line has sorrel.guest=1. Exit status 0 when all held; each line has its figures.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "netlink/kernel_settings.h"
#include "netlink/loss_counters.h"
#include "probe_agent.h"

namespace sorrel::netlink {
namespace {

using namespace probe;

void settings() {
  Agent agent(0);
  KernelSettings wanted;
  wanted.enabled = 1;
  wanted.backlog_limit = 8'192;
  wanted.backlog_wait_time = 100;
  wanted.failure = 0;
  const KernelStatus before = agent.status();
  const auto report = must(apply_settings(agent.control, wanted), "apply");
  check(report.ok(), "settings applied and read back", number(report.outcomes.size()) + " changed");
  wanted.backlog_wait_time = 1'000'000;
  const auto bad = must(apply_settings(agent.control, wanted), "apply");
  check(!bad.ok() && bad.outcomes.size() == 1, "a bad value is refused",
        bad.outcomes.empty() ? "" : bad.outcomes[0].message);
  wanted.backlog_wait_time = before.backlog_wait_time;
  check(must(apply_settings(agent.control, wanted), "apply").ok(), "a setting restored");
}

void heartbeats() {
  Agent agent(kLargeBuffer);
  Registration registration(agent.events, agent.control, agent.clock, agent.options());
  const std::uint64_t start = agent.clock.monotonic_ns();
  const auto change = must(registration.start(), "register");
  check(change.to == RegistrationState::registered, "registered and confirmed",
        number((agent.clock.monotonic_ns() - start) / 1'000) + " us; buffer " +
            number(must(agent.events.memory(), "memory").limit_bytes));
  std::uint64_t slowest = 0, sum = 0;
  bool all = true;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const std::uint64_t us = agent.beat(i);
    all = all && us != 0;
    slowest = std::max(slowest, us);
    sum += us;
  }
  check(all, "100 heartbeats came back",
        "mean " + number(sum / 100) + " us, slowest " + number(slowest) + " us");
  must(agent.control.set(Setting::enabled, 0), "disable");
  check(agent.beat(101, 200) == 0 && agent.status().pid == static_cast<std::uint32_t>(::getpid()),
        "with audit off a heartbeat vanishes while the pid stays ours");
  must(agent.control.set(Setting::enabled, 1), "enable");
  check(must(agent.control.signal_info(), "signal info").pid == 0, "nobody sent a signal yet");
  ::signal(SIGUSR2, SIG_IGN);
  const pid_t sender = ::fork();
  if (sender == 0) ::_exit(::kill(::getppid(), SIGUSR2));
  ::waitpid(sender, nullptr, 0);
  check(must(agent.control.signal_info(), "signal info").pid == static_cast<std::uint32_t>(sender),
        "who sent a signal is known");
  const auto stopped = registration.stop([&] { agent.beat(102); }, [&] { agent.drain(); });
  check(stopped.has_value() && agent.status().pid == 0, "unregistered");
  check(agent.missing() == 0, "no serial is missing", number(agent.records) + " records");
}

// The other process: told what to do on standard input, one letter a step; answers in kind.
int rival() {
  Agent agent(kLargeBuffer);
  RegistrationOptions options = agent.options();
  options.fall_back_to_multicast = false;
  {
    Registration registration(agent.events, agent.control, agent.clock, options);
    const auto refused = registration.start();
    check(!refused && refused.error().code == std::errc::file_exists,
          "a second daemon is told who is there", refused ? "" : refused.error().message);
  }
  options.fall_back_to_multicast = true;
  options.take_over_when_free = true;
  Registration registration(agent.events, agent.control, agent.clock, options);
  const auto change = must(registration.start(), "fall back");
  check(change.to == RegistrationState::multicast, "it reads the multicast copies instead");
  char step = 0;
  (void)!::write(4, "m", 1);
  if (::read(3, &step, 1) != 1) return 1;
  agent.drain();
  check(agent.calls == 1'000, "every copy arrived", number(agent.calls) + " of 1000");
  check(!registration.observe(agent.status()), "it waits while the pid is held");
  (void)!::write(4, "r", 1);
  if (::read(3, &step, 1) != 1) return 1;
  check(!registration.observe(agent.status()), "it waits for a second look at a free pid");
  const auto taken = registration.observe(agent.status());
  check(taken && taken->to == RegistrationState::registered, "it takes the free pid over",
        taken ? taken->reason : "");
  storm(1'000, [&] { agent.drain(); });
  agent.beat(1);
  check(agent.calls == 2'000, "each record once after the take-over",
        number(agent.calls) + " of 2000, duplicates dropped " +
            number(agent.events.counters().duplicates.value()));
  check(agent.missing() <= 1, "missing serials around the change",
        number(agent.missing()) + " (the record of letting go may be one)");
  check(registration.stop([&] { agent.beat(2); }, [&] { agent.drain(); }).has_value(),
        "it unregisters");
  return failures == 0 ? 0 : 1;
}

void rivals() {
  Agent agent(kLargeBuffer);
  Registration registration(agent.events, agent.control, agent.clock, agent.options());
  must(registration.start(), "register");
  int to_child[2], from_child[2];
  if (::pipe(to_child) != 0 || ::pipe(from_child) != 0) std::exit(1);
  const pid_t child = ::fork();
  if (child == 0) {
    // Executed anew, so that it does not hold our sockets open: dup2() clears close-on-exec.
    ::dup2(to_child[0], 103), ::dup2(from_child[1], 104);
    ::dup2(103, 3), ::dup2(104, 4);
    ::execl("/proc/self/exe", "netlink_probe", "rival", nullptr);
    ::_exit(127);
  }
  char step = 0;
  (void)!::read(from_child[0], &step, 1);
  agent.drain();
  check(agent.events.take_replacer() == static_cast<std::uint32_t>(child),
        "the kernel told us who wanted our place",
        number(agent.events.counters().replace_requests.value()) + " requests");
  storm(1'000, [&] { agent.drain(); });
  agent.beat(1);
  check(agent.calls == 1'000 && agent.missing() == 0, "and we lost nothing by it");
  (void)!::write(to_child[1], "c", 1);
  (void)!::read(from_child[0], &step, 1);
  must(registration.stop([&] { agent.beat(2); }, [&] { agent.drain(); }), "stop");
  (void)!::write(to_child[1], "c", 1);
  int state = 0;
  ::waitpid(child, &state, 0);
  check(WIFEXITED(state) && WEXITSTATUS(state) == 0, "the rival is content");
}

void throughput() {
  Agent agent(kLargeBuffer);
  Registration registration(agent.events, agent.control, agent.clock, agent.options());
  must(registration.start(), "register");
  const std::uint64_t start = agent.clock.monotonic_ns(), cpu = cpu_us();
  storm(50'000, [&] { agent.drain(); });
  agent.beat(1);
  const double s = static_cast<double>(agent.clock.monotonic_ns() - start) / 1e9;
  check(agent.calls == 50'000 && agent.missing() == 0, "a storm of 50000 calls, nothing missing",
        number(agent.records) + " records, " +
            number(static_cast<std::uint64_t>(static_cast<double>(agent.records) / s)) +
            " a second, reader CPU " + number((cpu_us() - cpu) * 1'000 / agent.records) +
            " ns a record, " +
            number(agent.records /
                   std::max<std::uint64_t>(1, agent.events.counters().batches.value())) +
            " a batch");
  must(registration.stop([&] { agent.beat(2); }, [&] { agent.drain(); }), "stop");
}

// A short stall of a registered reader with a small buffer: deliveries fail, nothing is lost, and
// the heartbeat gets out what is stuck.
void stall() {
  Agent agent(kSmallBuffer);
  Registration registration(agent.events, agent.control, agent.clock, agent.options());
  must(registration.start(), "register");
  LossCounters counters;
  agent.drain();
  counters.poll(agent.status(), must(agent.events.memory(), "memory"));
  storm(300, {});
  std::this_thread::sleep_for(std::chrono::seconds(2));
  agent.drain();
  const std::uint64_t before = agent.calls;
  const auto delta = counters.poll(agent.status(), must(agent.events.memory(), "memory"));
  const std::uint64_t us = agent.beat(1);
  check(before < 300 && agent.calls == 300 && agent.missing() == 0,
        "a heartbeat flushes the retry queue after a stall",
        number(before) + " of 300 before it, " + number(agent.calls) + " after, " + number(us) +
            " us; socket refusals " + number(delta.socket_refusals) + ", kernel lost " +
            number(delta.kernel_lost));
  // Again, but left without a heartbeat: stop() has to do it.
  storm(300, {});
  std::this_thread::sleep_for(std::chrono::seconds(2));
  agent.drain();
  must(registration.stop([&] { agent.beat(2); }, [&] { agent.drain(); }), "stop");
  check(agent.calls == 600 && agent.missing() == 0, "stopping after a stall loses nothing",
        number(agent.calls) + " of 600");
}

// A writer that waited for room while the reader stood still may sleep on when there is room again,
// until backlog_wait_time is over, or until the next record of anybody.
void forgotten_writer() {
  constexpr std::uint64_t kMs = 1'000'000;
  Agent agent(kSmallBuffer);
  KernelSettings wanted;
  wanted.backlog_limit = 1'024;
  wanted.backlog_wait_time = 6'000;  // 60 s at the guest's 100 Hz
  must(apply_settings(agent.control, wanted), "apply");
  Registration registration(agent.events, agent.control, agent.clock, agent.options());
  must(registration.start(), "register");
  int writers = 4;  // the wake-up is exclusive: it takes several to forget one
  for (int i = 0; i < writers; ++i) start_storm(5'000);
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  std::uint64_t beats = 0, longest_ms = 0;
  std::uint64_t calls = 0, progress_ns = agent.clock.monotonic_ns();
  while (writers > 0 && beats < 100) {
    if (::waitpid(-1, nullptr, WNOHANG) > 0) --writers;
    agent.drain();
    const std::uint64_t now_ns = agent.clock.monotonic_ns();
    if (std::exchange(calls, agent.calls) != agent.calls) {
      progress_ns = now_ns;
    } else if (now_ns - progress_ns > 1'000 * kMs) {
      // Everything is read, and the writer does not go on.
      agent.beat(++beats);
      const std::uint64_t sent_ns = agent.clock.monotonic_ns();
      while (agent.calls == calls && agent.clock.monotonic_ns() - sent_ns < 2'000 * kMs) {
        agent.drain();
      }
      longest_ms = std::max(longest_ms, (agent.clock.monotonic_ns() - sent_ns) / kMs);
    }
  }
  check(longest_ms < 1'000 && beats < 100, "a heartbeat wakes a writer that the kernel forgot",
        beats == 0
            ? "it was not forgotten this time"
            : "it slept " + number(beats) + " times with an empty queue, and went on at most " +
                  number(longest_ms) + " ms after a heartbeat");
  wanted.backlog_limit = 8'192;
  must(apply_settings(agent.control, wanted), "apply");
  must(registration.stop([&] { agent.beat(beats + 1); }, [&] { agent.drain(); }), "stop");
}

void multicast_overrun() {
  Agent agent(kSmallBuffer);
  RegistrationOptions options = agent.options();
  options.read_only = true;
  Registration registration(agent.events, agent.control, agent.clock, options);
  must(registration.start(), "join");
  LossCounters counters;
  counters.poll(agent.status(), must(agent.events.memory(), "memory"));
  storm(2'000, {});
  agent.drain();
  storm(10, {});
  agent.drain();
  const auto delta = counters.poll(agent.status(), must(agent.events.memory(), "memory"));
  check(delta.socket_refusals + agent.records >= 3 * 2'010 && delta.kernel_lost == 0,
        "what a full multicast socket loses is in its drop counter",
        "6030 sent, " + number(agent.records) + " read, " + number(delta.socket_refusals) +
            " dropped, " + number(agent.missing()) + " serials missing");
  must(registration.stop({}, [&] { agent.drain(); }), "leave");
}

// Two runs with calls that nobody hears between them.
void restart() {
  std::uint32_t last = 0;
  {
    Agent agent(kLargeBuffer);
    Registration registration(agent.events, agent.control, agent.clock, agent.options());
    must(registration.start(), "register");
    storm(10, {});
    must(registration.stop([&] { agent.beat(1); }, [&] { agent.drain(); }), "stop");
    last = *agent.holes.highest();
  }
  storm(50, {});
  Agent agent(kLargeBuffer);
  agent.holes.continue_after(last, agent.clock.realtime_ns());
  Registration registration(agent.events, agent.control, agent.clock, agent.options());
  must(registration.start(), "register");
  agent.beat(1);
  agent.holes.finish(agent.clock.realtime_ns());
  const auto report = agent.holes.take_report();
  const bool is_restart = report && report->cause == event::LossCause::restart;
  check(is_restart && report->count >= 50 && report->count <= 52,
        "what happened between two runs is counted",
        is_restart ? number(report->count) + " for 50 calls and the records of coming and going, " +
                         report->detail
                   : "no report");
  must(registration.stop([&] { agent.beat(2); }, [&] { agent.drain(); }), "stop");
}

void locked() {
  Agent agent(kLargeBuffer);
  must(agent.control.set(Setting::enabled, 2), "lock");
  KernelSettings wanted;
  wanted.enabled = 1;
  wanted.backlog_limit = 1'234;
  const auto report = must(apply_settings(agent.control, wanted), "apply");
  check(report.ok() && report.outcomes.size() == 2, "a locked kernel is a note, not an error",
        report.outcomes.empty() ? "" : report.outcomes[0].message);
  Registration registration(agent.events, agent.control, agent.clock, agent.options());
  check(must(registration.start(), "register").to == RegistrationState::registered &&
            agent.beat(1) != 0,
        "registration and heartbeat work under the lock");
  check(registration.stop([&] { agent.beat(2); }, [&] { agent.drain(); }).has_value(),
        "and so does letting go");
}

bool in_a_guest() {
  std::ifstream file("/proc/cmdline");
  std::string line;
  std::getline(file, line);
  return line.find("sorrel.guest=1") != std::string::npos;
}

void rule() {
  Agent agent(0);
  add_getppid_rule(agent);
}

struct Step {
  std::string_view name;
  void (*run)();
};
constexpr Step kSteps[] = {{"settings", settings},
                           {"heartbeats", heartbeats},
                           {"rule", rule},
                           {"rivals", rivals},
                           {"throughput", throughput},
                           {"stall", stall},
                           {"forgotten_writer", forgotten_writer},
                           {"multicast_overrun", multicast_overrun},
                           {"restart", restart},
                           {"locked", locked}};

// All steps, or those named in the arguments, in the order given.
int run(int argc, char** argv) {
  if (!in_a_guest()) {
    std::fprintf(stderr, "netlink_probe changes the kernel: run it in a guest (sorrel.guest=1)\n");
    return 2;
  }
  if (argc > 1 && std::strcmp(argv[1], "rival") == 0) return rival();
  for (const Step& step : kSteps) {
    if (argc == 1) step.run();
  }
  for (int i = 1; i < argc; ++i) {
    const auto* step = std::find_if(std::begin(kSteps), std::end(kSteps),
                                    [&](const Step& s) { return s.name == argv[i]; });
    if (step == std::end(kSteps)) {
      std::fprintf(stderr, "netlink_probe has no step %s\n", argv[i]);
      return 2;
    }
    step->run();
  }
  std::printf("%d failures\n", failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace sorrel::netlink

int main(int argc, char** argv) {
  return sorrel::netlink::run(argc, argv);
}
