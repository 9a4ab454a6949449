#include "enrich/process_store.h"

#include <algorithm>

#include "base/check.h"

namespace sorrel::enrich {

ProcessStore::ProcessStore(std::uint32_t max_processes)
    : max_processes_(std::clamp(max_processes, 16u, ProcessLink::kMaxSlots / 2)),
      max_retired_(max_processes_ / 16 + 1) {
  chunks_.push_back(std::make_unique<Chunk>());
  for (const List list : {gone, current}) {
    neighbours(list) = {list, list};
    at(list).generation = 0;  // as the empty link's, and none other's
    at(list).pid = 0;
  }
  // The empty link's own slot must not look alive.
  at(0).generation = ProcessLink::kMaxGeneration + 1;
}

std::uint32_t ProcessStore::allocate() {
  SORREL_CHECK(!is_full(), "the process table is full");
  std::uint32_t slot = free_;
  if (slot != kNone) {
    free_ = neighbours(slot).next;
  } else {
    slot = end_slot_++;
    if (slot / kChunkSlots == chunks_.size()) chunks_.push_back(std::make_unique<Chunk>());
  }
  ++size_;
  append(current, slot);
  return slot;
}

void ProcessStore::free(std::uint32_t slot) {
  unlink(slot);
  --size_;
  Process& process = at(slot);
  const std::uint16_t generation = process.generation;
  process = Process{};
  if (generation < ProcessLink::kMaxGeneration) [[likely]] {
    process.generation = static_cast<std::uint16_t>(generation + 1);
    neighbours(slot).next = free_;
    free_ = slot;
    return;
  }
  process.generation = ProcessLink::kMaxGeneration + 1;  // no link has it
  retired_.push_back(slot);
  if (retired_.size() >= max_retired_) bring_back_retired();
}

void ProcessStore::bring_back_retired() {
  ++generation_passes_;
  for (std::uint32_t slot = kFirstSlot; slot < end_slot_; ++slot) {
    Process& process = at(slot);
    if (get(process.parent) == nullptr) process.parent = {};
    if (get(process.previous) == nullptr) process.previous = {};
  }
  for (const std::uint32_t slot : retired_) {
    at(slot).generation = 1;
    neighbours(slot).next = free_;
    free_ = slot;
  }
  retired_.clear();
}

void ProcessStore::unlink(std::uint32_t slot) noexcept {
  const Neighbours near = neighbours(slot);
  neighbours(near.previous).next = near.next;
  neighbours(near.next).previous = near.previous;
}

void ProcessStore::append(List list, std::uint32_t slot) noexcept {
  Neighbours& head = neighbours(list);
  neighbours(slot) = {head.previous, list};
  neighbours(head.previous).next = slot;
  head.previous = slot;
}

void ProcessStore::move_to_end(List list, std::uint32_t slot) noexcept {
  unlink(slot);
  append(list, slot);
}

std::size_t ProcessStore::memory_bytes() const noexcept {
  return chunks_.size() * sizeof(Chunk) + chunks_.capacity() * sizeof(chunks_[0]) +
         retired_.capacity() * sizeof(retired_[0]);
}

}  // namespace sorrel::enrich
