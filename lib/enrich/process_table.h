#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/counter.h"
#include "enrich/facts_table.h"
#include "enrich/interned_strings.h"
#include "enrich/number_index.h"
#include "enrich/pending_forks.h"
#include "enrich/process.h"
#include "enrich/process_store.h"

namespace sorrel::enrich {

struct ProcessTableOptions {
  std::uint32_t max_processes = 100'000;  // entries; 16 to 524,288
  std::uint64_t keep_ended_ms = 300'000;  // how long what is gone stays known
  InternedStringsLimits strings = {};
  std::uint16_t max_facts = 4096;
};

// What a SYSCALL record, or a message of user space, says of the process that it is about.
struct Sighting {
  std::uint32_t pid = 0;
  std::uint32_t ppid = 0;  // 0: not said
  std::uint32_t session = Process::kUnset;
  std::uint32_t auid = Process::kUnset;
  bool has_login = true;       // session and auid are said, be it that they are unset
  std::string_view comm = {};  // decoded bytes; empty: not said
  std::string_view exe = {};
  std::string_view id = {};  // "SEC.MMM:SERIAL"
  std::uint64_t time_ms = 0;
};

// What /proc says of one.
struct ProcProcess {
  std::uint32_t pid = 0;
  std::uint32_t ppid = 0;
  std::uint64_t start_ticks = 0;  // since boot, as /proc/PID/stat has it: exact
  std::uint64_t start_ms = 0;     // the same since the epoch: it may drift with the clock
  std::uint32_t session = Process::kUnset;
  std::uint32_t auid = Process::kUnset;
  std::string_view comm = {};
  std::string_view exe = {};
};

// Names an entry for longer than a pointer to it is good: while /proc is read elsewhere, say.
struct ProcessKey {
  std::uint32_t pid = 0;
  PackedId id;
};

struct ProcessCounters {
  Counter created;
  Counter forgotten_expired;  // gone for longer than keep_ended_ms
  Counter forgotten_ended;    // gone, but the table was full
  Counter forgotten_current;  // still running for all we know, but the table was full
  Counter reused;             // a pid that was found to be another process's now
  Counter ended;              // with an exit_group seen
  Counter vanished;           // missing in the list of pids of a sweep
  Counter dropped_forks;      // unconfirmed forks for which there was no place
  Counter dropped_names;      // comm or exe for which there was no room
  Counter unknown_ids;        // event ids that are none
};

// Who is who: one entry for each program that a process runs, linked to its parent and to the
// program before it. It knows only what it was told, by the stream and by /proc, and says "unknown"
// where that is not enough: a pid that was given to another process must not lend it its name.
//
// Time is what the caller says it is, so that a replay behaves as the recording did; it may jump.
// Pointers to entries are valid until the next call that changes the table.
class ProcessTable {
 public:
  explicit ProcessTable(const ProcessTableOptions& options = {});

  // --- The stream's evidence. Null only for pid 0.

  // Any event but a successful exec: the entry of its process, made at first sight.
  const Process* see(const Sighting& sighting);
  // A successful execve or execveat; comm and exe are the new program's.
  const Process* exec(const Sighting& sighting);
  // `parent`, seen before, forked at `id`; the kernel returned `child`, a number of the parent's
  // pid namespace. `is_global`: that is the one of the records, and no thread was made
  // (CLONE_THREAD, and clone3, whose flags are not recorded). Else the child's first event has to
  // confirm it. Null when it is yet to be confirmed, or the parent is unknown.
  const Process* fork(std::uint32_t parent, std::uint32_t child, std::string_view id,
                      std::uint64_t time_ms, bool is_global);
  // exit_group, or the caller knows it otherwise. exit alone says nothing: pid= is that of the
  // thread group since Linux 4.9, and that of a thread, which is no process here, before.
  void end(std::uint32_t pid, std::uint64_t time_ms);
  // A LOGIN record: the process's auid and session become others without an exec.
  void login(std::uint32_t pid, std::uint32_t session, std::uint32_t auid);

  // --- /proc's evidence

  // Adds a process, or confirms the entry that is there, or replaces it when that is of another
  // process. In any order: call link_parents() after the last one. Null for pid 0.
  const Process* add_from_proc(const ProcProcess& process);
  void link_parents();
  // The same for one process.
  void link_parent(std::uint32_t pid) noexcept;
  // Which pids there are now: begin, mark each of them, end_sweep() until it returns true. Between
  // the calls events may come: what they are about counts as marked. What is not there has ended.
  void begin_sweep() noexcept;
  void mark(std::uint32_t pid) noexcept;
  bool end_sweep(std::uint64_t time_ms, std::uint32_t max_slots = 4096);
  // The process is the init of a pid namespace, or a subreaper: orphans may become its children.
  void set_reaper(std::uint32_t pid) noexcept;
  // What /proc said of the process. It may have executed another program since, whose facts they
  // are then too; it may be forgotten, and that is no error. False: its pid is another process's.
  bool set_facts(const ProcessKey& key, const ProcessFacts& facts);
  bool set_labels(const ProcessKey& key, std::uint32_t set) noexcept;

  // --- Questions

  // The process that has this pid, ended ones included. Null: unknown.
  const Process* find(std::uint32_t pid) const noexcept {
    const std::uint32_t slot = index_.find(pid);
    return slot == NumberIndex::kNone ? nullptr : &store_.at(slot);
  }
  // The one that had it at this time: an ended one only for what is not later than its end.
  const Process* find_at(std::uint32_t pid, std::uint64_t time_ms) const noexcept {
    const Process* process = find(pid);
    return process != nullptr && is_there(*process, time_ms) ? process : nullptr;
  }
  // The newest entry of the process that the key's entry is of.
  const Process* find(const ProcessKey& key) const noexcept;
  // Null: none, or forgotten.
  const Process* get(ProcessLink link) const noexcept { return store_.get(link); }
  const Process* parent(const Process& process) const noexcept { return get(process.parent); }
  // The program before its exec, else the parent.
  const Process* spawned_by(const Process& process) const noexcept {
    const Process* const previous = get(process.previous);
    return previous != nullptr ? previous : parent(process);
  }
  // To find the entry that find(pid) gives again, whatever comes in between. None: unknown.
  ProcessLink newest(std::uint32_t pid) const noexcept {
    const std::uint32_t slot = index_.find(pid);
    return slot == NumberIndex::kNone ? ProcessLink{} : store_.link(slot);
  }
  std::string_view text(InternedStrings::Id id) const noexcept { return strings_.text(id); }
  const InternedStrings& strings() const noexcept { return strings_; }
  const ProcessFacts& facts(const Process& process) const noexcept {
    return facts_.facts(process.facts);
  }
  const FactsTable& facts_table() const noexcept { return facts_; }

  // Entries for `ps`, in slices: writes up to rows.size() of them and moves `cursor`, 0 at first;
  // fewer than that: it was the last slice. What comes or goes meanwhile may be missing; nothing is
  // twice, unless it was forgotten and is new again.
  std::size_t next_rows(std::uint32_t& cursor, std::span<const Process*> rows) const noexcept;

  // Fetches what find(pid) will read.
  void prefetch(std::uint32_t pid) const noexcept { index_.prefetch(pid); }
  // Forgets what is due, a few at a time. Without it, that is done by what is added.
  void expire(std::uint64_t now_ms, std::uint32_t max_entries = 256);

  std::uint32_t size() const noexcept { return store_.size(); }
  std::size_t memory_bytes() const noexcept;
  const ProcessCounters& counters() const noexcept { return counters_; }

 private:
  friend class ProcessState;  // writes and restores it

  // How far a start time since the epoch may be off: clocks are set and slewed.
  static constexpr std::uint64_t kStartDriftMs = 1000;

  static bool is_there(const Process& process, std::uint64_t time_ms) noexcept {
    return process.is_current() || time_ms <= process.seen_ms();
  }
  // The entry that begins, with references to its names; for its facts, one is added.
  Process& create(const Process& draft, std::uint64_t time_ms);
  Process& begin(std::uint32_t pid, std::uint64_t time_ms);
  Process& create_first(const Sighting& sighting, bool is_exec);
  Process& create_child(ProcessLink parent, std::uint32_t child, const PackedId& id,
                        std::uint64_t time_ms);
  void pack(std::string_view text, PackedId& id) {
    pack_id(text, id);
    if (id.size == 0) [[unlikely]]
      counters_.unknown_ids.add();
  }
  InternedStrings::Id intern(std::string_view name) {
    const InternedStrings::Id id = strings_.intern(name);
    return id != InternedStrings::kNone || name.empty() ? id : intern_with_room(name);
  }
  InternedStrings::Id intern_with_room(std::string_view name);

  ProcessLink link_at(std::uint32_t pid, std::uint64_t time_ms) const noexcept;
  ProcessLink parent_now(const Process& known, const Sighting& sighting) const noexcept;
  void begin_forked(Process& forked, const Sighting& sighting);
  bool is_same_process(Process& known, const Sighting& sighting);
  bool has_another_parent(const Process& known, std::uint64_t time_ms) const noexcept;
  bool may_adopt(const Process& orphan, std::uint32_t ppid) const noexcept;
  bool runs(const Process& known, std::string_view exe) const noexcept;
  void note(Process& known, std::uint32_t slot, const Sighting& sighting) noexcept;
  void adopt_seen_child(Process& seen, ProcessLink parent, std::uint64_t time_ms);
  void link_to_parent(Process& process) noexcept;
  ProcessLink place_restored(const Process& draft, bool is_newest);
  void link_restored(ProcessLink link, ProcessLink parent, ProcessLink previous) noexcept;
  Process& create_from_proc(const ProcProcess& process);

  void hold(ProcessLink link) noexcept {
    if (Process* process = store_.get(link)) process->add_hold();
  }
  void let_go(ProcessLink link) noexcept {
    if (Process* process = store_.get(link)) process->remove_hold();
  }
  void set_parent(Process& process, ProcessLink parent) noexcept;
  void retire(std::uint32_t slot, Process::Flag why, std::uint64_t time_ms) noexcept;
  void forget(std::uint32_t slot);
  void expire_oldest();
  // Time that went back is due too (unsigned).
  bool is_due(std::uint32_t slot) const noexcept {
    return slot != ProcessStore::kNone &&
           now_ms_ - store_.at(slot).seen_ms() >= options_.keep_ended_ms;
  }
  void make_room();

  const ProcessTableOptions options_;
  InternedStrings strings_;
  FactsTable facts_;
  ProcessStore store_;
  NumberIndex index_;  // slot by pid, of the newest entry of each
  PendingForks pending_forks_;
  std::uint64_t now_ms_ = 0;
  std::uint64_t passes_ = 0;  // of the store, when the pending forks were last good
  std::uint8_t mark_ = 0;     // the value of kMark that means "is there"
  bool is_sweeping_ = false;
  std::uint32_t sweep_slot_ = 0;
  ProcessCounters counters_;
};

}  // namespace sorrel::enrich
