#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/tables/arch.h"
#include "record/tables/syscalls.h"
#include "ruleset/call_table.h"
#include "ruleset/fields.h"
#include "ruleset/lint_checks.h"
#include "ruleset/rule_facts.h"

// Rules whose events nobody reads, since there are too many of them, and rules that slow each call.
namespace sorrel::ruleset {
namespace {

// What every program does all the time.
constexpr auto kLoudCalls = std::to_array<std::string_view>({
    "access",         "brk",       "clock_gettime", "clock_nanosleep",
    "close",          "dup",       "epoll_pwait",   "epoll_wait",
    "faccessat",      "fcntl",     "fstat",         "futex",
    "getdents64",     "geteuid",   "getpid",        "getrandom",
    "getuid",         "ioctl",     "lseek",         "madvise",
    "mmap",           "mprotect",  "munmap",        "nanosleep",
    "newfstatat",     "open",      "openat",        "poll",
    "ppoll",          "pread64",   "pwrite64",      "read",
    "readv",          "recvfrom",  "recvmsg",       "rt_sigaction",
    "rt_sigprocmask", "select",    "semop",         "semtimedop",
    "sendmsg",        "sendto",    "setgid",        "setregid",
    "setresgid",      "setresuid", "setreuid",      "setuid",
    "shmat",          "shmdt",     "stat",          "statx",
    "write",          "writev",
});

// What scripts run all the time.
constexpr auto kLoudPrograms = std::to_array<std::string_view>(
    {"awk",  "bash", "cat",   "chmod", "cp",   "curl", "cut",   "dash", "date",    "find",
     "gawk", "grep", "gzip",  "head",  "ls",   "mawk", "mkdir", "mv",   "python3", "rm",
     "sed",  "sh",   "sleep", "sort",  "tail", "tar",  "touch", "tr",   "wc",      "xargs"});

constexpr std::uint32_t kExecute = 1;

struct Loud {
  std::string_view name;
  std::uint32_t number = 0;
};

std::vector<Loud> loud_calls_of(std::uint32_t arch) {
  const CallTable table(arch);
  std::vector<Loud> all;
  for (const std::string_view name : kLoudCalls) {
    if (const auto number = table.number(name)) all.push_back({name, *number});
  }
  return all;
}

class NoiseCheck {
 public:
  NoiseCheck(const LintInput& input, Findings& findings) : input_(input), findings_(findings) {}

  void run() {
    for (const auto& [rule, place, notes] : input_.state.rules) {
      if (rule.list != List::exit || rule.action != Action::always) continue;
      check_calls(rule, place);
      check_program(rule, place);
      check_sockets(rule, place);
    }
  }

 private:
  void check_calls(const Rule& rule, Place place) {
    if (narrowing_fields(rule) != 0 || has_all_calls(rule)) return;
    const std::uint32_t arch = arch_of(rule) != 0 ? arch_of(rule) : input_.target.arch;
    const auto [known, is_new] = loud_.try_emplace(arch);
    if (is_new) known->second = loud_calls_of(arch);
    const auto loud = std::ranges::find_if(
        known->second, [&](const Loud& one) { return has_call(rule.mask, one.number); });
    if (loud == known->second.end()) return;
    tell(place, "every program calls " + std::string(loud->name) + ", and each call is an event",
         "add fields that narrow the rule, as exit=-EACCES, exe= or auid>=1000");
  }

  // -p x on what scripts run.
  void check_program(const Rule& rule, Place place) {
    const Field* const path = find_in(rule, field::kPath);
    const Field* const perm = find_in(rule, field::kPerm);
    if (path == nullptr || perm == nullptr || (perm->value & kExecute) == 0) return;
    const std::string_view name = std::string_view(path->text).substr(path->text.rfind('/') + 1);
    if (narrowing_fields(rule) != 2 ||
        std::ranges::find(kLoudPrograms, name) == kLoudPrograms.end())
      return;
    tell(place, "scripts run " + std::string(name) + " all the time, and each run is an event",
         "record all programs that start (execve) and search, or add auid>=1000");
  }

  // socket(AF_INET) and its kin say nothing of where to.
  void check_sockets(const Rule& rule, Place place) {
    constexpr std::uint32_t kLocal = 1;
    constexpr std::uint32_t kInet = 2;
    constexpr std::uint32_t kInet6 = 10;
    const Field* const family = find_in(rule, field::kA0);
    if (family == nullptr || narrowing_fields(rule) != 1 || family->op != Op::equal) return;
    if (family->value != kLocal && family->value != kInet && family->value != kInet6) return;
    const std::uint32_t arch = arch_of(rule) != 0 ? arch_of(rule) : input_.target.arch;
    const auto number = record::syscall_number(arch, "socket");
    if (!number || has_all_calls(rule) || !has_call(rule.mask, *number)) return;
    tell(place, "every program makes sockets, and the event does not say where to",
         "watch connect and bind, with saddr_fam=");
  }

  void tell(Place place, std::string why, std::string remedy) {
    findings_.warning(place, {"rule-noisy", std::move(why), std::move(remedy)});
  }

  const LintInput& input_;
  Findings& findings_;
  std::map<std::uint32_t, std::vector<Loud>> loud_;
};

}  // namespace

void check_noise(const LintInput& input, Findings& findings) {
  NoiseCheck(input, findings).run();
}

// A rule on a folder is looked at on each of its calls; one on a file by its inode only.
// Source: linux/kernel/auditsc.c, audit_filter_syscall() and audit_filter_inodes().
void check_slow_watches(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place, notes] : input.state.rules) {
    const Field* const dir = find_in(rule, field::kDir);
    if (rule.list != List::exit || dir == nullptr || !has_all_calls(rule)) continue;
    const std::string why = "the kernel compares the folder on every system call of every program";
    if (find_in(rule, field::kPerm) != nullptr) {
      findings.note(place,
                    {"watch-slow", why + "; sorrel limits the rule to those that can need it",
                     "write it once with arch=b64 and -F dir=, and once with arch=b32, when "
                     "auditctl is to load it"});
    } else {
      findings.warning(place, {"watch-slow", why, "add -F perm=wa, or name calls with -S"});
    }
  }
}

void check_breadth(const LintInput& input, Findings& findings) {
  for (const auto& [rule, place, notes] : input.state.rules) {
    if (rule.list != List::exit || narrowing_fields(rule) != 0 || !has_all_calls(rule)) continue;
    const bool is_always = rule.action == Action::always;
    findings.warning(place, {"rule-too-broad",
                             is_always ? "every system call of every process becomes an event"
                                       : "no rule behind this one is ever looked at",
                             "name system calls with -S, or add fields"});
  }
}

}  // namespace sorrel::ruleset
