// What /proc says, and questions to the whole table.

#include <algorithm>

#include "enrich/process_table.h"

namespace sorrel::enrich {

const Process* ProcessTable::add_from_proc(const ProcProcess& process) {
  if (process.pid == 0) return nullptr;
  const std::uint32_t slot = index_.find(process.pid);
  if (slot == NumberIndex::kNone) return &create_from_proc(process);
  Process& known = store_.at(slot);
  bool is_same = false;
  if ((known.flags & Process::kFromProc) != 0) {
    is_same = start_ticks_of(known.id) == process.start_ticks;
  } else if (known.is_current()) {
    is_same = process.start_ms <= time_ms_of(known.id) + kStartDriftMs;
  } else {
    is_same = process.start_ms <= known.seen_ms();  // not yet reaped, or read before its end
  }
  if (!is_same) {
    counters_.reused.add();
    if (known.is_current()) retire(slot, Process::kEnded, process.start_ms);
    return &create_from_proc(process);
  }
  if (!known.is_current()) return &known;
  known.flags =
      static_cast<std::uint8_t>((known.flags & ~(Process::kMark | Process::kUnconfirmed)) | mark_);
  // What an event said is not replaced: /proc may have been read before it, or after the next.
  if (known.exe == InternedStrings::kNone) known.exe = strings_.intern(process.exe);
  return &known;
}

Process& ProcessTable::create_from_proc(const ProcProcess& process) {
  Process draft;
  draft.id = pack_start(process.start_ms, process.start_ticks);
  draft.flags = Process::kFromProc | Process::kInheritedFacts;
  draft.pid = process.pid;
  draft.ppid = process.ppid;
  draft.session = process.session;
  draft.auid = process.auid;
  draft.comm = intern(process.comm);
  draft.exe = intern(process.exe);
  Process& made = create(draft, std::max(process.start_ms, now_ms_));
  link_to_parent(made);
  return made;
}

// As create(), but what is gone comes back too, and nothing expires meanwhile.
ProcessLink ProcessTable::place_restored(const Process& draft, bool is_newest) {
  facts_.add_reference(draft.facts);
  if (store_.is_full()) make_room();
  const std::uint32_t slot = store_.allocate();
  Process& made = store_.at(slot);
  const std::uint16_t generation = made.generation;
  made = draft;
  made.generation = generation & ProcessStore::kGenerationMask;
  made.flags |= mark_;
  if (!made.is_current()) store_.move_to_end(ProcessStore::gone, slot);
  if (is_newest) index_.assign(made.pid, slot);
  return store_.link(slot);
}

// Each of them may have been forgotten again.
void ProcessTable::link_restored(ProcessLink link, ProcessLink parent,
                                 ProcessLink previous) noexcept {
  Process* const process = store_.get(link);
  if (process == nullptr) return;
  if (store_.get(parent) != nullptr) set_parent(*process, parent);
  if (store_.get(previous) == nullptr) return;
  process->previous = previous;
  if (process->is_current()) hold(previous);
}

// The parent is the process that has the number ppid now, unless that began after the child: then
// the true parent is gone, and the number is another's.
void ProcessTable::link_to_parent(Process& process) noexcept {
  if (process.ppid == 0 || (process.flags & Process::kReparented) != 0) return;
  const std::uint32_t slot = index_.find(process.ppid);
  if (slot == NumberIndex::kNone) return;
  const Process& candidate = store_.at(slot);
  if (!candidate.is_current() || &candidate == &process) return;
  if ((candidate.flags & Process::kFromProc) != 0) {
    const bool is_later = (process.flags & Process::kFromProc) != 0
                              ? start_ticks_of(candidate.id) > start_ticks_of(process.id)
                              : time_ms_of(candidate.id) > time_ms_of(process.id) + kStartDriftMs;
    if (is_later) return;
  }
  set_parent(process, store_.link(slot));
  if ((process.flags & Process::kInheritedFacts) == 0 || process.facts != FactsTable::kNone) return;
  process.facts = candidate.facts;
  facts_.add_reference(process.facts);
}

void ProcessTable::link_parents() {
  for (std::uint32_t slot = ProcessStore::kFirstSlot; slot < store_.end_slot(); ++slot) {
    Process& process = store_.at(slot);
    if (process.pid != 0 && process.is_current() && store_.get(process.parent) == nullptr)
      link_to_parent(process);
  }
}

void ProcessTable::link_parent(std::uint32_t pid) noexcept {
  const std::uint32_t slot = index_.find(pid);
  if (slot == NumberIndex::kNone) return;
  Process& process = store_.at(slot);
  if (process.is_current() && store_.get(process.parent) == nullptr) link_to_parent(process);
}

void ProcessTable::begin_sweep() noexcept {
  // What was marked under one value is unmarked under the other. A sweep that was not finished goes
  // on with its own.
  if (!is_sweeping_) mark_ ^= Process::kMark;
  is_sweeping_ = true;
  sweep_slot_ = ProcessStore::kFirstSlot;
}

void ProcessTable::mark(std::uint32_t pid) noexcept {
  const std::uint32_t slot = index_.find(pid);
  if (slot == NumberIndex::kNone) return;
  Process& process = store_.at(slot);
  process.flags = static_cast<std::uint8_t>((process.flags & ~Process::kMark) | mark_);
}

bool ProcessTable::end_sweep(std::uint64_t time_ms, std::uint32_t max_slots) {
  if (!is_sweeping_) return true;
  for (; sweep_slot_ < store_.end_slot() && max_slots > 0; ++sweep_slot_, --max_slots) {
    const Process& process = store_.at(sweep_slot_);
    if (process.pid == 0 || !process.is_current() || (process.flags & Process::kMark) == mark_)
      continue;
    retire(sweep_slot_, Process::kEnded, time_ms);
    counters_.vanished.add();
  }
  is_sweeping_ = sweep_slot_ < store_.end_slot();
  return !is_sweeping_;
}

void ProcessTable::set_reaper(std::uint32_t pid) noexcept {
  const std::uint32_t slot = index_.find(pid);
  if (slot != NumberIndex::kNone) store_.at(slot).flags |= Process::kReaper;
}

const Process* ProcessTable::find(const ProcessKey& key) const noexcept {
  constexpr int kMaxExecs = 16;
  const Process* const newest = find(key.pid);
  const Process* instance = newest;
  for (int i = 0; instance != nullptr && i < kMaxExecs; ++i) {
    if (instance->id == key.id) return newest;
    instance = get(instance->previous);
  }
  return nullptr;
}

bool ProcessTable::set_facts(const ProcessKey& key, const ProcessFacts& facts) {
  if (find(key) == nullptr) return false;
  Process& process = store_.at(index_.find(key.pid));
  const FactsTable::Id id = facts_.intern(facts);
  facts_.release(process.facts);
  process.facts = id;
  process.flags = static_cast<std::uint8_t>(process.flags & ~Process::kInheritedFacts);
  return true;
}

bool ProcessTable::set_labels(const ProcessKey& key, std::uint32_t set) noexcept {
  if (find(key) == nullptr) return false;
  store_.at(index_.find(key.pid)).labels = set;
  return true;
}

std::size_t ProcessTable::next_rows(std::uint32_t& cursor,
                                    std::span<const Process*> rows) const noexcept {
  std::size_t count = 0;
  if (cursor < ProcessStore::kFirstSlot) cursor = ProcessStore::kFirstSlot;
  for (; cursor < store_.end_slot() && count < rows.size(); ++cursor) {
    const Process& process = store_.at(cursor);
    if (process.pid != 0) rows[count++] = &process;
  }
  return count;
}

std::size_t ProcessTable::memory_bytes() const noexcept {
  return store_.memory_bytes() + index_.memory_bytes() + strings_.memory_bytes() +
         facts_.memory_bytes() + pending_forks_.memory_bytes();
}

}  // namespace sorrel::enrich
