#include "property/counted_memory.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace sorrel::test {
namespace {

// Globals, because operator new has no other way to tell.
std::atomic<std::uint64_t> allocations{0};
std::atomic<std::size_t> live_bytes{0};
std::atomic<std::size_t> peak_bytes{0};

void* count(void* memory) noexcept {
  if (memory == nullptr) return nullptr;
  ++allocations;
  const std::size_t live = live_bytes += ::malloc_usable_size(memory);
  if (live > peak_bytes) peak_bytes = live;
  return memory;
}

void give_back(void* memory) noexcept {
  if (memory == nullptr) return;
  live_bytes -= ::malloc_usable_size(memory);
  std::free(memory);
}

void* aligned(std::size_t size, std::align_val_t alignment) noexcept {
  const auto step = static_cast<std::size_t>(alignment);
  return count(std::aligned_alloc(step, (size + step - 1) / step * step));
}

}  // namespace

CountedMemory counted_memory() noexcept {
  return {allocations, live_bytes, peak_bytes};
}

void reset_peak() noexcept {
  peak_bytes = live_bytes.load();
}

}  // namespace sorrel::test

// noinline: g++ 12 would see malloc() meet operator delete and warn about it.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = sorrel::test::count(std::malloc(size > 0 ? size : 1))) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return sorrel::test::count(std::malloc(size > 0 ? size : 1));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  if (void* memory = sorrel::test::aligned(size, alignment)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  sorrel::test::give_back(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  sorrel::test::give_back(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  sorrel::test::give_back(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  sorrel::test::give_back(memory);
}
// The array forms come to these by themselves, but not under a sanitizer, which has its own.
[[gnu::noinline]] void* operator new[](std::size_t size) {
  return operator new(size);
}
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t& none) noexcept {
  return operator new(size, none);
}
[[gnu::noinline]] void* operator new[](std::size_t size, std::align_val_t alignment) {
  return operator new(size, alignment);
}
[[gnu::noinline]] void operator delete[](void* memory) noexcept {
  operator delete(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept {
  operator delete(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::align_val_t) noexcept {
  operator delete(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  operator delete(memory);
}
