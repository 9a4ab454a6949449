// The program's own peak of memory, as the kernel counts it, while it decodes streams that never
// behave.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <string>

#include "base/fd.h"
#include "catch.h"

namespace sorrel {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

constexpr std::size_t kStreamBytes = 16u << 20;
constexpr long kBoundKilobytes = 96 << 10;

struct Outcome {
  int status = -1;
  long peak_kilobytes = 0;
};

// VmHWM of a running program. Its rusage would count what this test held when it forked.
long peak_kilobytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  FAIL("no VmHWM in /proc/PID/status");
  return 0;
}

// Decodes a stream that `make` gives piece by piece on standard input.
Outcome decode(const char* format, const std::function<std::string(std::uint64_t)>& make) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(read_end.get(), STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::execl(SORRELCTL, "sorrelctl", "decode", "--format", format, "-", nullptr);
    ::_exit(127);
  }
  read_end.reset();
  std::string pending;
  std::size_t given = 0;
  for (std::uint64_t i = 0; given < kStreamBytes; ++i) {
    pending += make(i);
    if (pending.size() < 65'536) continue;
    for (std::size_t at = 0; at < pending.size();) {
      const ssize_t written = ::write(write_end.get(), pending.data() + at, pending.size() - at);
      REQUIRE(written > 0);
      at += static_cast<std::size_t>(written);
    }
    given += pending.size();
    pending.clear();
  }
  Outcome outcome;
  outcome.peak_kilobytes = peak_kilobytes(child);
  write_end.reset();
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return outcome;
}

void check(const std::function<std::string(std::uint64_t)>& make) {
  for (const char* format : {"json", "raw"}) {
    const Outcome outcome = decode(format, make);
    CHECK(outcome.status == 0);
    CHECK(outcome.peak_kilobytes < kBoundKilobytes);
  }
}

std::string record_line(std::uint64_t second, std::uint64_t serial, const std::string& body) {
  return "type=SYSCALL msg=audit(" + std::to_string(second) + ".000:" + std::to_string(serial) +
         "): " + body + '\n';
}

}  // namespace

TEST_CASE("decode keeps to its memory, whatever it reads", "[bound]") {
  if (kIsSanitized) {
    WARN("skipped: a sanitizer's own memory would be counted");
    return;
  }
  const std::string body = "arch=c000003e syscall=59 a0=1 a1=2 a2=3 a3=4 comm=\"cat\" key=(null)";
  check([&](std::uint64_t i) { return record_line(1, i, body); });  // no end, for ever
  check([&](std::uint64_t i) { return record_line(3'000'000'000 - i, i, body); });  // time reversed
  check([&](std::uint64_t i) { return record_line(1, 1 + i / 100'000, body); });    // giants
  check([](std::uint64_t i) { return record_line(1, i, std::string(1u << 20, 'x')); });
  check([](std::uint64_t) { return std::string(1u << 20, '\0'); });
  check([](std::uint64_t) { return std::string("no record\n"); });
}

}  // namespace sorrel
