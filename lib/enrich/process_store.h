#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "enrich/process.h"

namespace sorrel::enrich {

// Address space for as many `T` as there may ever be. Pages come into being when they are written
// first, as zeros: a short array costs little, and none ever moves or is looked up in two steps.
class ReservedMemory {
 public:
  explicit ReservedMemory(std::size_t bytes);  // throws std::bad_alloc
  ReservedMemory(const ReservedMemory&) = delete;
  ReservedMemory& operator=(const ReservedMemory&) = delete;
  ~ReservedMemory();

  void* get() const noexcept { return memory_; }

 private:
  void* memory_;
  std::size_t bytes_;
};

// The memory of the process table: slots that never move, and two lists through them, each from the
// oldest to the newest.
//
// A slot whose generations are used up is retired. Retired slots come back after a pass over all
// entries has cut every link that points to what is gone, so that a generation may begin anew: once
// in 4096 uses of many slots.
class ProcessStore {
 public:
  enum List : std::uint32_t { gone, current };  // ended or replaced; and the others
  static constexpr std::uint32_t kNone = 0;
  static constexpr std::uint16_t kGenerationMask = 0x1fff;  // the bits of Process::generation
  static constexpr std::uint32_t kFirstSlot = 2;  // those before it are the heads of the lists

  explicit ProcessStore(std::uint32_t max_processes);

  Process& at(std::uint32_t slot) noexcept { return processes_[slot]; }
  const Process& at(std::uint32_t slot) const noexcept { return processes_[slot]; }
  // Null when the link is none or what it led to is forgotten.
  Process* get(ProcessLink link) noexcept {
    Process& process = at(link.slot());
    return process.generation == link.generation() ? &process : nullptr;
  }
  const Process* get(ProcessLink link) const noexcept {
    const Process& process = at(link.slot());
    return process.generation == link.generation() ? &process : nullptr;
  }
  ProcessLink link(std::uint32_t slot) const noexcept {
    return ProcessLink::make(slot, at(slot).generation);
  }

  // Of an entry in here.
  ProcessLink link(const Process& process) const noexcept {
    return ProcessLink::make(static_cast<std::uint32_t>(&process - processes_), process.generation);
  }

  bool is_full() const noexcept { return size_ >= max_processes_; }
  // A slot at the end of the list `current`. All of its entry but the generation is the caller's to
  // set. The store must not be full.
  std::uint32_t allocate() noexcept {
    SORREL_CHECK(!is_full(), "the process table is full");
    std::uint32_t slot = free_;
    if (slot != kNone) [[likely]] {
      free_ = neighbours_[slot].next;
    } else {
      slot = end_slot_++;
    }
    ++size_;
    append(current, slot);
    return slot;
  }
  // Every link to the entry is dead from here on.
  void free(std::uint32_t slot);

  void move_to_end(List list, std::uint32_t slot) noexcept {
    unlink(slot);
    append(list, slot);
  }
  std::uint32_t oldest(List list) const noexcept { return next(list); }
  // kNone after the newest.
  std::uint32_t next(std::uint32_t slot) const noexcept {
    const std::uint32_t following = neighbours_[slot].next;
    return following < kFirstSlot ? kNone : following;
  }

  std::uint32_t size() const noexcept { return size_; }
  std::uint32_t end_slot() const noexcept { return end_slot_; }  // behind the last that was used
  std::size_t memory_bytes() const noexcept;
  std::uint64_t generation_passes() const noexcept { return generation_passes_; }

 private:
  struct Neighbours {
    std::uint32_t previous = 0;
    std::uint32_t next = 0;
  };

  void unlink(std::uint32_t slot) noexcept {
    const Neighbours near = neighbours_[slot];
    neighbours_[near.previous].next = near.next;
    neighbours_[near.next].previous = near.previous;
  }
  void append(List list, std::uint32_t slot) noexcept {
    const std::uint32_t last = neighbours_[list].previous;
    neighbours_[slot] = {last, list};
    neighbours_[last].next = slot;
    neighbours_[list].previous = slot;
  }
  void bring_back_retired();

  const std::uint32_t max_processes_;
  const std::uint32_t max_retired_;
  const ReservedMemory process_memory_;
  const ReservedMemory neighbour_memory_;
  Process* const processes_;
  Neighbours* const neighbours_;
  std::vector<std::uint32_t> retired_;
  std::uint32_t end_slot_ = kFirstSlot;
  std::uint32_t free_ = kNone;  // linked through `next`
  std::uint32_t size_ = 0;
  std::uint64_t generation_passes_ = 0;
};

}  // namespace sorrel::enrich
