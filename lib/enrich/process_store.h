#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "enrich/process.h"

namespace sorrel::enrich {

// The memory of the process table: slots that never move, made in chunks as they are needed, and
// two lists through them, each from the oldest to the newest.
//
// A slot whose generations are used up is retired. Retired slots come back after a pass over all
// entries has cut every link that points to what is gone, so that a generation may begin anew: once
// in 4095 uses of many slots.
class ProcessStore {
 public:
  enum List : std::uint32_t { gone, current };  // ended or replaced; and the others
  static constexpr std::uint32_t kNone = 0;
  static constexpr std::uint32_t kFirstSlot = 2;  // those before it are the heads of the lists

  explicit ProcessStore(std::uint32_t max_processes);

  Process& at(std::uint32_t slot) noexcept {
    return chunks_[slot / kChunkSlots]->processes[slot % kChunkSlots];
  }
  const Process& at(std::uint32_t slot) const noexcept {
    return chunks_[slot / kChunkSlots]->processes[slot % kChunkSlots];
  }
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

  bool is_full() const noexcept { return size_ >= max_processes_; }
  // A slot, its entry fresh, at the end of the list `current`. The store must not be full.
  std::uint32_t allocate();
  // Every link to the entry is dead from here on.
  void free(std::uint32_t slot);

  void move_to_end(List list, std::uint32_t slot) noexcept;
  std::uint32_t oldest(List list) const noexcept {
    const std::uint32_t slot = neighbours(list).next;
    return slot < kFirstSlot ? kNone : slot;
  }
  // kNone after the newest.
  std::uint32_t next(std::uint32_t slot) const noexcept {
    const std::uint32_t following = neighbours(slot).next;
    return following < kFirstSlot ? kNone : following;
  }

  std::uint32_t size() const noexcept { return size_; }
  std::uint32_t end_slot() const noexcept { return end_slot_; }  // behind the last that was used
  std::size_t memory_bytes() const noexcept;
  std::uint64_t generation_passes() const noexcept { return generation_passes_; }

 private:
  static constexpr std::uint32_t kChunkSlots = 512;
  struct Neighbours {
    std::uint32_t previous = 0;
    std::uint32_t next = 0;
  };
  struct Chunk {
    Process processes[kChunkSlots] = {};
    Neighbours neighbours[kChunkSlots] = {};
  };

  Neighbours& neighbours(std::uint32_t slot) noexcept {
    return chunks_[slot / kChunkSlots]->neighbours[slot % kChunkSlots];
  }
  const Neighbours& neighbours(std::uint32_t slot) const noexcept {
    return chunks_[slot / kChunkSlots]->neighbours[slot % kChunkSlots];
  }
  void unlink(std::uint32_t slot) noexcept;
  void append(List list, std::uint32_t slot) noexcept;
  void bring_back_retired();

  const std::uint32_t max_processes_;
  const std::uint32_t max_retired_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<std::uint32_t> retired_;
  std::uint32_t end_slot_ = kFirstSlot;
  std::uint32_t free_ = kNone;  // linked through `next`
  std::uint32_t size_ = 0;
  std::uint64_t generation_passes_ = 0;
};

}  // namespace sorrel::enrich
