#include "enrich/process_store.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace sorrel::enrich {
namespace {

constexpr std::uint16_t kNoGeneration = ProcessLink::kMaxGeneration + 1;  // that no link has

constexpr std::size_t kPageBytes = 4096;

std::size_t whole_pages(std::size_t bytes) noexcept {
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

}  // namespace

ReservedMemory::ReservedMemory(std::size_t bytes)
    : memory_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)),
      bytes_(bytes) {
  if (memory_ == MAP_FAILED) throw std::bad_alloc();
  // Huge pages would make the first entry cost two megabytes.
  ::madvise(memory_, bytes, MADV_NOHUGEPAGE);
}

ReservedMemory::~ReservedMemory() {
  ::munmap(memory_, bytes_);
}

ProcessStore::ProcessStore(std::uint32_t max_processes)
    : max_processes_(std::clamp(max_processes, 16u, ProcessLink::kMaxSlots / 2)),
      max_retired_(max_processes_ / 16 + 1),
      process_memory_((max_processes_ + max_retired_ + kFirstSlot) * sizeof(Process)),
      neighbour_memory_((max_processes_ + max_retired_ + kFirstSlot) * sizeof(Neighbours)),
      processes_(static_cast<Process*>(process_memory_.get())),
      neighbours_(static_cast<Neighbours*>(neighbour_memory_.get())) {
  for (const List list : {gone, current}) {
    neighbours_[list] = {list, list};
    at(list).generation = kNoGeneration;
  }
}

void ProcessStore::free(std::uint32_t slot) {
  unlink(slot);
  --size_;
  Process& process = at(slot);
  process.pid = 0;
  if (process.generation < ProcessLink::kMaxGeneration) [[likely]] {
    ++process.generation;
    neighbours_[slot].next = free_;
    free_ = slot;
    return;
  }
  process.generation = kNoGeneration;
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
    at(slot).generation = 0;
    neighbours_[slot].next = free_;
    free_ = slot;
  }
  retired_.clear();
}

std::size_t ProcessStore::memory_bytes() const noexcept {
  return whole_pages(end_slot_ * sizeof(Process)) + whole_pages(end_slot_ * sizeof(Neighbours)) +
         retired_.capacity() * sizeof(retired_[0]);
}

}  // namespace sorrel::enrich
