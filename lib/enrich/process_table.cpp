#include "enrich/process_table.h"

#include <algorithm>

namespace sorrel::enrich {
namespace {

constexpr std::uint64_t kMoveAfterMs = 1000;  // an order by the second is enough
constexpr int kExpiredPerBirth = 2;

}  // namespace

ProcessTable::ProcessTable(const ProcessTableOptions& options)
    : options_(options),
      strings_(options.strings),
      facts_(options.max_facts),
      store_(options.max_processes) {}

// The same process as far as one can tell from what no exec changes: a parent is exchanged for a
// reaper only, and a login session is never left. (comm is each thread's own: it says nothing.)
inline bool ProcessTable::is_same_process(Process& known, const Sighting& sighting) {
  if (sighting.has_login && sighting.session != known.session && known.session != Process::kUnset)
      [[unlikely]]
    return false;
  if (sighting.ppid == known.ppid || sighting.ppid == 0) [[likely]] {
    const Process* const parent = store_.get(known.parent);
    if (parent == nullptr || parent->is_current() || sighting.ppid == 0) [[likely]]
      return true;
    return !has_another_parent(known, sighting.time_ms);
  }
  if (known.ppid != 0 && !may_adopt(known, sighting.ppid)) return false;
  if (known.ppid != 0) known.flags |= Process::kReparented;
  known.ppid = sighting.ppid;
  return true;
}

// True when the number of its parent is another process's by now, with a parent of its own. The
// process would have been given to a reaper then: so it is another one too, and a child of the new
// one. What is not certain (an exec that nobody recorded, forgotten programs) counts as no.
bool ProcessTable::has_another_parent(const Process& known, std::uint64_t time_ms) const noexcept {
  constexpr int kMaxExecs = 16;
  const Process* const parent = store_.get(known.parent);
  if (parent == nullptr || parent->pid != known.ppid) return false;
  ProcessLink link = newest(known.ppid);
  for (int i = 0; i < kMaxExecs && link != known.parent; ++i) {
    const Process* const instance = store_.get(link);
    if (instance == nullptr) return false;
    if (!instance->previous)
      return instance->ppid != parent->ppid && time_ms_of(instance->id) <= time_ms;
    link = instance->previous;
  }
  return false;
}

inline void ProcessTable::note(Process& known, std::uint32_t slot,
                               const Sighting& sighting) noexcept {
  known.flags =
      static_cast<std::uint8_t>((known.flags & ~(Process::kMark | Process::kUnconfirmed)) | mark_);
  if (sighting.has_login) {
    known.session = sighting.session;
    known.auid = sighting.auid;
  }
  // Unsigned: time that went back counts as a long time too.
  if (sighting.time_ms - known.seen_ms() >= kMoveAfterMs)
    store_.move_to_end(ProcessStore::current, slot);
  known.set_seen_ms(sighting.time_ms);
}

// The entry stays known for a while. It keeps its parent known, so that the lineage of what it
// started stays whole, and its own past no longer.
void ProcessTable::retire(std::uint32_t slot, Process::Flag why, std::uint64_t time_ms) noexcept {
  Process& process = store_.at(slot);
  process.flags |= why;
  process.set_seen_ms(time_ms);
  let_go(process.previous);
  store_.move_to_end(ProcessStore::gone, slot);
}

// The store must not be full. All but pid, generation, and when it was seen is left to set.
inline Process& ProcessTable::begin(std::uint32_t pid, std::uint64_t time_ms) {
  now_ms_ = time_ms;
  for (int i = 0; i < kExpiredPerBirth && is_due(store_.oldest(ProcessStore::gone)); ++i)
    expire_oldest();
  const std::uint32_t slot = store_.allocate();
  Process& made = store_.at(slot);
  made.pid = pid;
  made.seen_and_holds = time_ms < Process::kLatestMs ? time_ms : Process::kLatestMs;
  index_.assign(pid, slot);
  counters_.created.add();
  return made;
}

const Process* ProcessTable::see(const Sighting& sighting) {
  if (sighting.pid == 0) return nullptr;
  const std::uint32_t slot = index_.find(sighting.pid);
  if (slot == NumberIndex::kNone) return &create_first(sighting, false);
  Process& known = store_.at(slot);
  if (!known.is_current()) {
    if (sighting.time_ms <= known.seen_ms()) return &known;
  } else if (is_same_process(known, sighting) && runs(known, sighting.exe)) [[likely]] {
    note(known, slot, sighting);
    if (known.is_forked) begin_forked(known, sighting);
    return &known;
  } else {
    // Another process, or this one after an exec that nobody recorded.
    retire(slot, Process::kEnded, sighting.time_ms);
  }
  counters_.reused.add();
  return &create_first(sighting, false);
}

const Process* ProcessTable::exec(const Sighting& sighting) {
  if (sighting.pid == 0) return nullptr;
  const std::uint32_t slot = index_.find(sighting.pid);
  if (slot == NumberIndex::kNone) return &create_first(sighting, true);
  Process& known = store_.at(slot);
  if (!known.is_current() || !is_same_process(known, sighting)) {
    if (known.is_current()) retire(slot, Process::kEnded, sighting.time_ms);
    counters_.reused.add();
    return &create_first(sighting, true);
  }
  if (known.is_forked) {
    // It never ran as itself: the program that forked it is what started this one.
    note(known, slot, sighting);
    begin_forked(known, sighting);
    strings_.release(known.comm);
    strings_.release(known.exe);
    known.comm = intern(sighting.comm);
    known.exe = intern(sighting.exe);
    return &known;
  }
  const ProcessLink before = store_.link(slot);
  if (store_.is_full()) [[unlikely]] {
    store_.move_to_end(ProcessStore::current, slot);  // it is not the one to go
    make_room();
  }
  const InternedStrings::Id comm = intern(sighting.comm);
  const InternedStrings::Id exe = intern(sighting.exe);
  if (store_.get(before) == nullptr) [[unlikely]] {  // it was, after all
    strings_.release(comm);
    strings_.release(exe);
    return &create_first(sighting, true);
  }
  if (store_.get(known.parent) == nullptr) link_to_parent(known);
  // Written in place: this is what the agent does most.
  Process& made = begin(sighting.pid, sighting.time_ms);
  pack(sighting.id, made.id);
  made.flags = static_cast<std::uint8_t>(
      (known.flags & (Process::kReparented | Process::kInheritedFacts | Process::kReaper)) | mark_);
  made.is_forked = 0;
  made.ppid = known.ppid;
  made.parent = parent_now(known, sighting);
  made.previous = before;
  made.comm = comm;
  made.exe = exe;
  made.session = sighting.has_login ? sighting.session : known.session;
  made.auid = sighting.has_login ? sighting.auid : known.auid;
  made.labels = known.labels;
  made.facts = known.facts;
  facts_.add_reference(made.facts);
  hold(made.parent);
  known.add_hold();
  retire(slot, Process::kReplaced, sighting.time_ms);
  return &made;
}

// The program that the parent runs now, which may be another than when the process was made. Only
// where it is certain that it still is that process.
ProcessLink ProcessTable::parent_now(const Process& known,
                                     const Sighting& sighting) const noexcept {
  constexpr int kMaxExecs = 16;
  const Process* const parent = store_.get(known.parent);
  if (parent == nullptr || parent->pid != sighting.ppid ||
      (parent->flags & Process::kReplaced) == 0) [[likely]]
    return known.parent;
  const ProcessLink newest = link_at(sighting.ppid, sighting.time_ms);
  ProcessLink instance = newest;
  for (int i = 0; i < kMaxExecs; ++i) {
    if (instance == known.parent) return newest;
    const Process* const process = store_.get(instance);
    if (process == nullptr || process->pid != sighting.ppid) break;
    instance = process->previous;
  }
  return known.parent;
}

// The first event of a process that a fork has made: from here on it is known by this event, as it
// would be if the fork had not been recorded.
void ProcessTable::begin_forked(Process& forked, const Sighting& sighting) {
  forked.is_forked = 0;
  pack(sighting.id, forked.id);
  set_parent(forked, parent_now(forked, sighting));
}

const Process* ProcessTable::fork(std::uint32_t parent, std::uint32_t child, std::string_view id,
                                  std::uint64_t time_ms, bool is_global) {
  const ProcessLink parent_link = link_at(parent, time_ms);
  if (!parent_link || child == 0 || child == parent) return nullptr;
  const std::uint32_t slot = index_.find(child);
  if (slot != NumberIndex::kNone) {
    Process& known = store_.at(slot);
    const std::uint64_t drift_ms = (known.flags & Process::kFromProc) != 0 ? kStartDriftMs : 0;
    if (time_ms_of(known.id) + drift_ms >= time_ms) {
      // It is newer than this fork: the child, or another process if the number misleads.
      if (known.ppid != parent) return nullptr;
      adopt_seen_child(known, parent_link, time_ms);
      return &known;
    }
  }
  PackedId packed;
  pack(id, packed);
  if (!is_global) {
    if (!pending_forks_.add({child, parent_link, packed})) counters_.dropped_forks.add();
    return nullptr;
  }
  if (slot != NumberIndex::kNone) {
    counters_.reused.add();
    if (store_.at(slot).is_current()) retire(slot, Process::kEnded, time_ms);
  }
  return &create_child(parent_link, child, packed, time_ms);
}

void ProcessTable::end(std::uint32_t pid, std::uint64_t time_ms) {
  const std::uint32_t slot = index_.find(pid);
  if (slot == NumberIndex::kNone || !store_.at(slot).is_current()) return;
  // A late record: the pid is another process's already.
  if (time_ms < time_ms_of(store_.at(slot).id)) return;
  counters_.ended.add();
  retire(slot, Process::kEnded, time_ms);
}

void ProcessTable::login(std::uint32_t pid, std::uint32_t session, std::uint32_t auid) {
  const std::uint32_t slot = index_.find(pid);
  if (slot == NumberIndex::kNone || !store_.at(slot).is_current()) return;
  store_.at(slot).session = session;
  store_.at(slot).auid = auid;
}

// The first that is known of a process, unless a fork was waiting for it.
Process& ProcessTable::create_first(const Sighting& sighting, bool is_exec) {
  if (passes_ != store_.generation_passes()) {
    pending_forks_.clear();
    passes_ = store_.generation_passes();
  }
  if (const PendingForks::Fork* fork = pending_forks_.find(sighting.pid)) {
    Process* const parent = store_.get(fork->parent);
    if (parent != nullptr && parent->pid == sighting.ppid &&
        (is_exec || runs(*parent, sighting.exe))) {
      const PendingForks::Fork confirmed = *fork;
      pending_forks_.remove(sighting.pid);
      Process& child = create_child(confirmed.parent, sighting.pid, confirmed.id, sighting.time_ms);
      if (!is_exec) {
        begin_forked(child, sighting);
        return child;
      }
      return const_cast<Process&>(*exec(sighting));
    }
  }
  Process draft;
  pack(sighting.id, draft.id);
  draft.flags = Process::kInheritedFacts;
  draft.pid = sighting.pid;
  draft.ppid = sighting.ppid;
  draft.parent = link_at(sighting.ppid, sighting.time_ms);
  draft.session = sighting.session;
  draft.auid = sighting.auid;
  if (const Process* parent = store_.get(draft.parent)) draft.facts = parent->facts;
  draft.comm = intern(sighting.comm);
  draft.exe = intern(sighting.exe);
  return create(draft, sighting.time_ms);
}

// A fork copies the program.
Process& ProcessTable::create_child(ProcessLink parent, std::uint32_t child, const PackedId& id,
                                    std::uint64_t time_ms) {
  Process draft = *store_.get(parent);
  draft.id = id;
  draft.flags = Process::kInheritedFacts;
  draft.is_forked = 1;
  draft.ppid = draft.pid;
  draft.pid = child;
  draft.parent = parent;
  draft.previous = {};
  strings_.add_reference(draft.comm);
  strings_.add_reference(draft.exe);
  return create(draft, time_ms);
}

Process& ProcessTable::create(const Process& draft, std::uint64_t time_ms) {
  facts_.add_reference(draft.facts);
  // What the new entry is linked to should not be what makes room for it.
  hold(draft.parent);
  if (store_.is_full()) [[unlikely]]
    make_room();
  Process& made = begin(draft.pid, time_ms);
  const std::uint16_t generation = made.generation;
  const std::uint64_t seen_and_holds = made.seen_and_holds;
  made = draft;
  made.flags |= mark_;
  made.generation = generation & ProcessStore::kGenerationMask;
  made.seen_and_holds = seen_and_holds;
  return made;
}

ProcessLink ProcessTable::link_at(std::uint32_t pid, std::uint64_t time_ms) const noexcept {
  if (pid == 0) return {};
  const std::uint32_t slot = index_.find(pid);
  if (slot == NumberIndex::kNone || !is_there(store_.at(slot), time_ms)) return {};
  return store_.link(slot);
}

bool ProcessTable::may_adopt(const Process& orphan, std::uint32_t ppid) const noexcept {
  constexpr int kMaxDepth = 32;
  if (ppid == 1) return true;
  const Process* const adopter = find(ppid);
  if (adopter != nullptr && (adopter->flags & Process::kReaper) != 0) return true;
  const Process* ancestor = parent(orphan);
  for (int depth = 0; ancestor != nullptr && depth < kMaxDepth; ++depth) {
    if (ancestor->pid == ppid) return true;
    ancestor = parent(*ancestor);
  }
  return false;
}

// The kernel appends " (deleted)" when the file of a running program is removed.
bool ProcessTable::runs(const Process& known, std::string_view exe) const noexcept {
  constexpr std::string_view kDeleted = " (deleted)";
  if (exe.empty() || known.exe == InternedStrings::kNone) return true;
  std::string_view text = strings_.text(known.exe);
  if (text == exe) [[likely]]
    return true;
  if (text.ends_with(kDeleted)) text.remove_suffix(kDeleted.size());
  if (exe.ends_with(kDeleted)) exe.remove_suffix(kDeleted.size());
  return text == exe;
}

// A child may be seen before its fork is: vfork returns after the child's exec. What came before
// the fork under this pid was another process, even if the exec took it for its own past.
void ProcessTable::adopt_seen_child(Process& seen, ProcessLink parent, std::uint64_t time_ms) {
  constexpr int kMaxExecs = 64;
  Process* instance = &seen;
  for (int i = 0; i < kMaxExecs; ++i) {
    set_parent(*instance, parent);
    Process* const before = store_.get(instance->previous);
    if (before == nullptr) return;
    if (time_ms_of(before->id) < time_ms) break;
    instance = before;
  }
  if (instance->is_current()) let_go(instance->previous);
  instance->previous = {};
  counters_.reused.add();
}

void ProcessTable::set_parent(Process& process, ProcessLink parent) noexcept {
  if (process.parent == parent) return;
  hold(parent);
  let_go(process.parent);
  process.parent = parent;
}

}  // namespace sorrel::enrich
