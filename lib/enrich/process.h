#pragma once

#include <cstdint>

#include "enrich/facts_table.h"
#include "enrich/interned_strings.h"
#include "enrich/packed_id.h"

namespace sorrel::enrich {

// Refers to an entry of the process table: its slot, and the slot's generation, which changes when
// the slot is given to another. So a link to a forgotten process finds nothing, never somebody
// else.
struct ProcessLink {
  static constexpr unsigned kSlotBits = 20;
  static constexpr std::uint32_t kMaxSlots = 1u << kSlotBits;
  static constexpr std::uint32_t kMaxGeneration = (1u << (32 - kSlotBits)) - 1;

  std::uint32_t bits = 0;  // 0: none; slot 0 is nobody's

  static ProcessLink make(std::uint32_t slot, std::uint32_t generation) noexcept {
    return {slot | generation << kSlotBits};
  }
  std::uint32_t slot() const noexcept { return bits & (kMaxSlots - 1); }
  std::uint32_t generation() const noexcept { return bits >> kSlotBits; }
  explicit operator bool() const noexcept { return bits != 0; }
  bool operator==(const ProcessLink&) const = default;
};

// One instance of a program in a process: from its fork, its exec or its first sight up to its next
// exec or its end. One cache line.
struct alignas(64) Process {
  static constexpr std::uint32_t kUnset = 4'294'967'295;  // of session and auid: nobody logged in

  static constexpr std::uint64_t kOneHold = std::uint64_t{1} << 42;
  static constexpr std::uint64_t kLatestMs = kOneHold - 1;

  enum Flag : std::uint8_t {
    kEnded = 1,            // the process has
    kReplaced = 2,         // by exec: a later entry is the process now
    kFromProc = 4,         // `id` is the start time that /proc gave, not an event's id
    kMark = 8,             // of the sweep (ProcessTable::begin_sweep)
    kReparented = 16,      // `ppid` is a reaper's; `parent` is the original parent
    kInheritedFacts = 32,  // `facts` are the parent's until /proc says otherwise
    kUnconfirmed = 64,     // read from the state file, and /proc has not been asked yet
    kReaper = 128,         // orphans may be given to it: the init of a namespace, a subreaper
  };

  PackedId id;  // "SEC.MMM:SERIAL", or "SEC.MMM" with kFromProc
  std::uint8_t flags = 0;
  std::uint32_t pid = 0;   // 0: the slot is free
  std::uint32_t ppid = 0;  // as last said
  ProcessLink parent;
  ProcessLink previous;  // the same process before its exec
  InternedStrings::Id comm = InternedStrings::kNone;
  InternedStrings::Id exe = InternedStrings::kNone;
  std::uint32_t session = kUnset;
  std::uint32_t auid = kUnset;
  std::uint32_t labels = 0;  // number of a set; 0: none
  FactsTable::Id facts = FactsTable::kNone;
  std::uint16_t generation : 13 = 0;  // of the slot
  // Made by a fork, and no event of its own has come yet: `id` is the fork's.
  std::uint16_t is_forked : 1 = 0;
  std::uint64_t seen_and_holds = 0;

  // When it was last seen, in milliseconds since the epoch (to 2109); of one that is gone, its end.
  std::uint64_t seen_ms() const noexcept { return seen_and_holds & kLatestMs; }
  void set_seen_ms(std::uint64_t ms) noexcept {
    seen_and_holds = (seen_and_holds & ~kLatestMs) | (ms < kLatestMs ? ms : kLatestMs);
  }
  // What keeps it known for longer: the entries whose parent it is, and the one that replaced it.
  std::uint64_t holds() const noexcept { return seen_and_holds / kOneHold; }
  void add_hold() noexcept { seen_and_holds += kOneHold; }
  void remove_hold() noexcept { seen_and_holds -= kOneHold; }

  // Whether this is the process now, as far as is known.
  bool is_current() const noexcept { return (flags & (kEnded | kReplaced)) == 0; }
};
static_assert(sizeof(Process) == 64, "one cache line: walking to ancestors is the hot path");

}  // namespace sorrel::enrich
