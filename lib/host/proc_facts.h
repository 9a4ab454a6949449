#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "host/cgroup.h"
#include "host/environment.h"
#include "host/file_id.h"

namespace sorrel::host {

// The parts of what /proc has on a process: which are to be read, and which are known.
namespace part {
inline constexpr std::uint32_t kStat = 1 << 0;            // always read
inline constexpr std::uint32_t kExe = 1 << 1;             // exe, exe_deleted
inline constexpr std::uint32_t kExeFile = 1 << 2;         // exe_file
inline constexpr std::uint32_t kCgroup = 1 << 3;          // cgroup
inline constexpr std::uint32_t kNamespaces = 1 << 4;      // pid_namespace
inline constexpr std::uint32_t kNamespacePid = 1 << 5;    // namespace_pid
inline constexpr std::uint32_t kEnvironment = 1 << 6;     // environment, environment_cut
inline constexpr std::uint32_t kLogin = 1 << 7;           // login_uid, session_id
inline constexpr std::uint32_t kCwd = 1 << 8;             // cwd
inline constexpr std::uint32_t kMountNamespace = 1 << 9;  // mount_namespace
inline constexpr std::uint32_t kAll = (1 << 10) - 1;
}  // namespace part

// What /proc had on a process. To be used again and again: the texts keep their memory. What is not
// known could not be read, and its members are as in a new one.
struct ProcFacts {
  static constexpr std::size_t kMaxComm = 64;  // 16, but kernel workers have longer ones
  static constexpr std::uint32_t kUnset = 0xffffffff;

  ProcFacts() = default;
  // `cgroup` has views into `cgroup_text`.
  ProcFacts(const ProcFacts&) = delete;
  ProcFacts& operator=(const ProcFacts&) = delete;

  std::uint32_t known = 0;  // part::k*
  bool knows(std::uint32_t parts) const noexcept { return (known & parts) == parts; }
  void clear() noexcept;

  std::uint32_t pid = 0;
  std::uint32_t ppid = 0;
  std::int32_t process_group = 0;
  std::int32_t session = 0;  // setsid(2)'s, not audit's
  char state = 0;
  bool kernel_thread = false;
  std::uint64_t start_ticks = 0;  // clock ticks since boot: with the pid, the process's identity
  // The same in ns since the epoch. /proc tells the boot time in whole seconds, so the times of two
  // processes compare exactly, and with a clock to within a second. 0: no boot time is known.
  std::uint64_t start_ns = 0;
  std::array<char, kMaxComm> comm_bytes{};
  std::uint8_t comm_size = 0;
  std::string_view comm() const noexcept { return {comm_bytes.data(), comm_size}; }

  std::string exe;           // without the kernel's " (deleted)"
  bool exe_deleted = false;  // its file has no name any more
  FileId exe_file;           // device and inode 0: not known

  std::string cgroup_text;
  CgroupInfo cgroup;

  std::uint64_t pid_namespace = 0;    // inode
  std::uint64_t mount_namespace = 0;  // inode
  std::uint32_t namespace_pid = 0;    // its pid as its own pid namespace has it

  // Known and empty: it was readable, and nothing in it was chosen.
  Environment environment;
  bool environment_empty = false;  // it had not one variable
  bool environment_cut = false;    // had more than ProcFs::kMaxEnvironBytes: the rest was not seen

  std::uint32_t login_uid = kUnset;
  std::uint32_t session_id = kUnset;

  std::string cwd;
};

}  // namespace sorrel::host
