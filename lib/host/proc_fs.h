#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "host/environment.h"
#include "host/proc_facts.h"
#include "host/proc_stat.h"

namespace sorrel::host {

enum class ProcRead : std::uint8_t {
  complete,    // it lived, or was a zombie, all the while
  ended,       // it died meanwhile: what is known is its own, the rest was missed
  missing,     // there is no such process, or there was one of another start time
  unreadable,  // /proc refused or told nonsense, or we are out of file descriptors
};

// A process that is just exiting, whose memory and program may have gone, counts as a zombie.
enum class Life : std::uint8_t { alive, zombie, gone, unknown };

// The /proc below a root folder. A process's folder is opened once and everything is read through
// it: such a folder belongs to one process and never to a later one with the same pid. So what was
// read of a process that died meanwhile is true, and what could not be read any more is unknown.
//
// For one thread; it holds a buffer that is used again. Once warm, read() allocates nothing.
// Source: proc(5).
class ProcFs {
 public:
  // What a process may have by default: a quarter of a stack of 8 MiB (execve(2)).
  static constexpr std::size_t kMaxEnvironBytes = std::size_t{2} << 20;

  // Errors: ROOT/proc is no folder or cannot be opened. `ticks_per_second` is the unit of start
  // times; 0 asks the system that we run on.
  static Result<ProcFs> open(const std::string& root, EnvironmentSelection environment = {},
                             std::uint32_t ticks_per_second = 0);

  // Reads `parts` of a process into `facts`, which is cleared before. `facts.known` tells what of
  // it was found.
  ProcRead read(std::uint32_t pid, std::uint32_t parts, ProcFacts& facts);

  // Whether this process still is, or another has its pid.
  Life life(std::uint32_t pid, std::uint64_t start_ticks);

  // The file that a process runs, for reading; empty when it or its file cannot be had. It is the
  // file itself, whatever its path now names. Fails on a root that is no live /proc.
  Fd open_executable(std::uint32_t pid, std::uint64_t start_ticks);

  // Replaces the content of `pids` by all processes, in the order of the folder.
  Status list(std::vector<std::uint32_t>& pids);

  // When the host was booted, in ns since the epoch, to whole seconds; 0: not known.
  std::uint64_t boot_time_ns() const noexcept { return boot_time_ns_; }

 private:
  ProcFs() = default;

  std::uint64_t own_namespace();
  Fd open_process(std::uint32_t pid) const noexcept;
  static Fd open_file(const Fd& process, const char* name) noexcept;
  std::optional<std::string_view> read_start(const Fd& file) noexcept;
  // What is in a file of a process, up to the buffer's size; nullopt: errno tells.
  std::optional<std::string_view> read_file(const Fd& process, const char* name);
  std::optional<std::string_view> read_link(const Fd& process, const char* name);
  std::optional<std::uint64_t> read_number(const Fd& process, const char* name);
  std::optional<std::uint64_t> read_namespace(const Fd& process, const char* name);

  void take_stat(const ProcStat& stat, ProcFacts& facts) const noexcept;
  void read_parts(const Fd& process, std::uint32_t parts, ProcFacts& facts);
  void read_exe(const Fd& process, std::uint32_t parts, ProcFacts& facts);
  void read_cgroup(const Fd& process, ProcFacts& facts);
  void read_namespaces(const Fd& process, std::uint32_t parts, ProcFacts& facts);
  void read_environment(const Fd& process, ProcFacts& facts);
  void read_login(const Fd& process, ProcFacts& facts);

  std::string root_;
  Fd folder_;
  bool is_live_ = false;  // a real /proc, whose links lead to the files themselves
  EnvironmentSelection selection_;
  std::uint64_t tick_ns_ = 0;
  std::uint64_t boot_time_ns_ = 0;
  std::uint64_t pid_namespace_ = 0;  // the one whose pids this /proc shows; 0: not known
  std::vector<char> buffer_;
};

}  // namespace sorrel::host
