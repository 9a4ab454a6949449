#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/event_id.h"

// What `sorrelctl ps` needs of the process table. The table is the pipeline thread's; it is walked
// in slices, so that events never wait long for a person's question.
namespace sorrel::agent {

// How a process is told from others with its pid: by the event that made it known (its exec or
// fork), or by its start time.
struct PsIdentity {
  std::uint32_t pid = 0;
  std::optional<EventId> event_id;
  std::optional<std::uint64_t> start_ms;  // since the epoch
};

// One process, as the table knows it. An empty text, or an optional without a value, is unknown.
struct PsRow {
  PsIdentity self;
  std::uint32_t ppid = 0;
  std::string comm;  // the kernel's bytes, of any kind
  std::string exe;
  std::optional<std::uint32_t> auid;     // unset logins have none
  std::string user;                      // auid's name
  std::optional<std::uint32_t> ses;      // likewise
  std::optional<EventId> session_event;  // the login that opened the session
  std::string unit;
  std::string container;
  std::optional<std::uint64_t> exited_ms;  // since the epoch; none: it runs
  std::optional<PsIdentity> parent;        // who made it, which may have exited
};

// Which processes are asked for.
struct PsQuery {
  enum class State : std::uint8_t { running, exited, all };
  State state = State::running;
  std::vector<std::uint32_t> pids;  // ascending; empty: of every pid

  bool wants(std::uint32_t pid, bool has_exited) const noexcept;
};

// The process table as this needs it. Called on the pipeline's thread.
class PsSource {
 public:
  virtual ~PsSource() = default;
  // Looks at no more than `max` entries, beginning at `cursor` (0: the first one; otherwise what
  // the call before has left there), and appends those that `query` wants. False: that were the
  // last ones. Between two calls the table may change: a process that is there all the time comes
  // exactly once, another one at most once.
  virtual bool read(const PsQuery& query, std::uint64_t& cursor, std::size_t max,
                    std::vector<PsRow>& rows) = 0;
};

}  // namespace sorrel::agent
