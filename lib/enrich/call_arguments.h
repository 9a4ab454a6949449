#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "enrich/meaning_tables.h"

// What the arguments a0..a3 of each system call mean.
namespace sorrel::enrich {

// How the number is read; most arguments need no more than a table.
enum class How : std::uint8_t {
  none,
  number,              // one name of Meaning::table, a NumberTable
  flags,               // names of Meaning::table, a FlagTable
  descriptor,          // AT_FDCWD; other descriptors have no name
  open_flags,          // the access mode, then flags; their bits differ by architecture
  creation_mode,       // mode, when the argument before has O_CREAT or O_TMPFILE
  mode,                // "0755"
  node_mode,           // "file,755"
  access,              // F_OK, or a mask of R_OK, W_OK, X_OK
  protection,          // PROT_NONE, or flags
  mapping,             // the type of a mapping, then flags
  clone_flags,         // flags; the low byte is a signal
  socket_family,       // "inet"
  socket_type,         // a type, then flags
  socket_protocol,     // what it is depends on a0, the family
  socket_level,        // an IP protocol or SOL_*
  socket_option,       // what it is depends on a1, the level
  read_option,         // likewise of getsockopt
  file_argument,       // fcntl's, by a1
  process_argument,    // prctl's, by a0
  ambient_capability,  // prctl's behind PR_CAP_AMBIENT
  trace_argument,      // ptrace's data, by a0
  key_argument,        // keyctl's, by a0
  key_serial,          // one of the special keyrings
  seccomp_flags,       // seccomp's, by a0
  scheduler,           // a policy and SCHED_RESET_ON_FORK
  personality,         // an execution domain, then flags
  shared_flags,        // IPC_CREAT|0600
  message_control,     // commands of msgctl, semctl, shmctl
  semaphore_control,
  shared_control,
  ipc_call,         // what the multiplexer ipc() is to do
  quota_command,    // "Q_QUOTAON|USRQUOTA"
  futex_operation,  // an operation and two flags
  kexec_flags,      // flags in the low half
  user,             // a user id: see CallContext::id()
  group,
  short_user,  // likewise of the calls that have 16-bit ids on old 32-bit architectures
  short_group,
};

struct Meaning {
  How how = How::none;
  std::uint8_t table = 0;  // of number and flags
};

struct CallPlan {
  std::array<Meaning, 4> arguments;
};

// The plan of a system call; null when none of its arguments has a name, or when the call is not
// known. `arch` and `number` are as in record::syscall_name(). Constant time.
const CallPlan* call_plan(std::uint32_t arch, std::uint32_t number) noexcept;

// The plan of what socketcall() multiplexes, by its a0: 3 is connect.
const CallPlan* socket_call_plan(std::uint32_t number) noexcept;

// The names of the calls that have a plan, for tests: the i-th, empty behind the last.
std::string_view planned_call(std::size_t i) noexcept;

}  // namespace sorrel::enrich
