// The first process of a guest that measures what audit rules cost: loads each /rules/*.rules by
// itself, in the order of their names, and times system calls of a logged-in user that no rule
// matches. In a machine whose clock counts instructions (see run.py), a nanosecond is one.
//
//   RESULT <ruleset> <call> <ns for one>     a line each, on standard output
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "guest/rule_folders.h"
#include "ruleset/netlink_rule_kernel.h"
#include "ruleset/wanted_rules.h"

namespace {

using namespace sorrel;

constexpr int kBatches = 7;
constexpr int kCalls = 400;
constexpr unsigned kUser = 1000;

[[noreturn]] void end(const char* what) {
  std::printf("%s\n", what);
  std::fflush(stdout);
  ::sync();
  ::reboot(RB_AUTOBOOT);  // with -no-reboot, the machine's end
  std::exit(1);
}

std::uint64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

struct Call {
  const char* name;
  void (*make)();
};

void start_program() {
  const pid_t child = ::vfork();
  if (child == 0) {
    char name[] = "/true";
    char* const arguments[] = {name, nullptr};
    ::execve(name, arguments, arguments + 1);
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
}

constexpr auto kMeasured = std::to_array<Call>({
    {"getppid", [] { ::syscall(SYS_getppid); }},
    {"open", [] { ::syscall(SYS_close, ::syscall(SYS_openat, AT_FDCWD, "/data/file", O_RDONLY)); }},
    {"stat",
     [] {
       struct stat found {};
       ::syscall(SYS_newfstatat, AT_FDCWD, "/data/file", &found, 0);
     }},
    {"mkdir", [] { ::syscall(SYS_mkdirat, AT_FDCWD, "/data", 0755); }},  // it is there
    {"exec", start_program},
});

// The quickest of a few: what interrupts took is not the calls'.
double measure(const Call& call) {
  const bool is_slow = std::string_view(call.name) == "exec";
  const int calls = is_slow ? kCalls / 20 : kCalls;
  double best = 1e18;
  for (int batch = 0; batch < kBatches; ++batch) {
    const std::uint64_t begin = now_ns();
    for (int i = 0; i < calls; ++i) call.make();
    best = std::min(best, static_cast<double>(now_ns() - begin) / calls);
  }
  return best;
}

// As somebody who logged in: a rule that asks for a person goes on to its next field.
void measure_as_user(const std::string& ruleset) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::ofstream("/proc/self/loginuid") << kUser;
    if (::setgid(kUser) != 0 || ::setuid(kUser) != 0) ::_exit(1);
    for (const Call& call : kMeasured) {
      std::printf("RESULT %s %s %.1f\n", ruleset.c_str(), call.name, measure(call));
    }
    std::fflush(stdout);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) end("FAILED: the measuring process");
}

void load(ruleset::RuleKernel& kernel, const std::string& path) {
  const auto loaded = kernel.list();
  if (!loaded) end("FAILED: the rules cannot be listed");
  for (const ruleset::Rule& rule : *loaded) {
    if (!kernel.remove(rule)) end("FAILED: a rule cannot be removed");
  }
  const ruleset::HostTarget host;
  const std::vector<std::string> paths{path};
  const auto wanted = ruleset::wanted_rules(paths, host.target());
  if (!wanted || wanted->findings.errors() != 0) end("FAILED: the rules cannot be read");
  for (const ruleset::Rule& rule : wanted->rules) {
    guest::make_folder_of(rule);
    if (const Status added = kernel.add(rule); !added) {
      std::printf("REFUSED %s\n", added.error().to_string().c_str());
    }
  }
  std::printf("LOADED %s %zu\n", path.c_str(), wanted->rules.size());
}

void make_files() {
  for (const char* const folder : {"/proc", "/data", "/folders", "/files"}) ::mkdir(folder, 0755);
  ::mount("proc", "/proc", "proc", 0, nullptr);
  std::ofstream("/data/file") << "data";
  for (int i = 0; i < 100; ++i) {
    std::filesystem::create_directory("/folders/" + std::to_string(i));
    std::ofstream("/files/" + std::to_string(i)) << i;
  }
}

}  // namespace

int main() {
  ::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  make_files();
  const SystemClock clock;
  const auto kernel = ruleset::NetlinkRuleKernel::open(clock);
  if (!kernel) end("FAILED: no audit here");
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator("/rules")) {
    files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  for (const std::string& file : files) {
    load(**kernel, file);
    measure_as_user(std::filesystem::path(file).stem().string());
  }
  end("DONE");
}
