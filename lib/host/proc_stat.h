#pragma once

#include <cstdint>
#include <string_view>

namespace sorrel::host {

// The fields of /proc/PID/stat that are of use here.
struct ProcStat {
  std::uint32_t pid = 0;
  std::string_view comm;  // any bytes; into the text that was parsed
  char state = 0;         // R S D Z T t X I ...
  std::uint32_t ppid = 0;
  std::int32_t process_group = 0;
  std::int32_t session = 0;
  std::uint32_t flags = 0;        // PF_*
  std::uint64_t start_ticks = 0;  // clock ticks since boot

  static constexpr std::uint32_t kExiting = 0x00000004;       // PF_EXITING
  static constexpr std::uint32_t kKernelThread = 0x00200000;  // PF_KTHREAD
  bool is_kernel_thread() const noexcept { return (flags & kKernelThread) != 0; }
  bool is_zombie() const noexcept { return state == 'Z' || state == 'X' || state == 'x'; }
  bool is_ending() const noexcept { return is_zombie() || (flags & kExiting) != 0; }
};

// Parses the text of /proc/PID/stat. False, and `stat` is rubbish, when it is none. The name of the
// process stands in parentheses and may itself hold parentheses and line ends, so it ends at the
// last one.
// Source: proc(5), linux/fs/proc/array.c, do_task_stat().
bool parse_proc_stat(std::string_view text, ProcStat& stat) noexcept;

// The boot time in seconds since the epoch, from the text of /proc/stat (its line "btime N"), or 0.
std::uint64_t parse_boot_time(std::string_view text) noexcept;

// The line "NSpid:" of /proc/PID/status: a pid for each pid namespace, from that of the /proc
// inwards.
struct NamespacePids {
  std::uint32_t innermost = 0;
  std::uint32_t depth = 0;  // 1: the process is in the namespace of the /proc; 0: not known
};
NamespacePids parse_namespace_pids(std::string_view text) noexcept;

}  // namespace sorrel::host
