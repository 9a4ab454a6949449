// How the process table stays within its limits.

#include "enrich/process_table.h"

namespace sorrel::enrich {
namespace {

constexpr int kMaxPassedOver = 4;

}  // namespace

void ProcessTable::forget(std::uint32_t slot) {
  const Process& process = store_.at(slot);
  let_go(process.parent);
  if (process.is_current()) let_go(process.previous);
  strings_.release(process.comm);
  strings_.release(process.exe);
  facts_.release(process.facts);
  if (index_.find(process.pid) == slot) index_.erase(process.pid);
  store_.free(slot);
}

// The oldest of what is gone, which is due: others may hang on it, or time went back.
void ProcessTable::expire_oldest() {
  const std::uint32_t slot = store_.oldest(ProcessStore::gone);
  if (store_.at(slot).holds() != 0 || store_.at(slot).seen_ms() > now_ms_) {
    store_.move_to_end(ProcessStore::gone, slot);
  } else {
    forget(slot);
    counters_.forgotten_expired.add();
  }
}

void ProcessTable::expire(std::uint64_t now_ms, std::uint32_t max_entries) {
  now_ms_ = now_ms;
  for (std::uint32_t i = 0; i < max_entries && is_due(store_.oldest(ProcessStore::gone)); ++i)
    expire_oldest();
}

// The oldest that is gone goes first, unless others hang on it; where all do, the older of it and
// of what has not been seen for longest.
void ProcessTable::make_room() {
  std::uint32_t ended = ProcessStore::kNone;
  for (int i = 0; i < kMaxPassedOver; ++i) {
    ended = store_.oldest(ProcessStore::gone);
    if (ended == ProcessStore::kNone) break;
    if (store_.at(ended).holds() == 0) {
      forget(ended);
      counters_.forgotten_ended.add();
      return;
    }
    store_.move_to_end(ProcessStore::gone, ended);
  }
  ended = store_.oldest(ProcessStore::gone);
  const std::uint32_t unseen = store_.oldest(ProcessStore::current);
  const bool is_ended =
      unseen == ProcessStore::kNone ||
      (ended != ProcessStore::kNone && store_.at(ended).seen_ms() < store_.at(unseen).seen_ms());
  forget(is_ended ? ended : unseen);
  (is_ended ? counters_.forgotten_ended : counters_.forgotten_current).add();
}

// When all names are in use, the oldest entries go: else whoever fills the table with names could
// keep those of later processes out of it.
InternedStrings::Id ProcessTable::intern_with_room(std::string_view name) {
  constexpr int kMaxForgotten = 8;
  for (int i = 0; i < kMaxForgotten && name.size() <= InternedStrings::kMaxText; ++i) {
    if (store_.size() == 0) break;
    make_room();
    const InternedStrings::Id id = strings_.intern(name);
    if (id != InternedStrings::kNone) return id;
  }
  counters_.dropped_names.add();
  return InternedStrings::kNone;
}

}  // namespace sorrel::enrich
